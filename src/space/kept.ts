import { builderFiles } from '../builder/machine/paths.ts';
import { listImages } from '../image/store/store.ts';
import { imagesDir, type Paths } from '../state/paths.ts';
import { listVms } from '../vm/state/list.ts';
import { listTemplates } from '../vm/template/kept.ts';
import { createMeter } from './tree.ts';

/** What takes space and is needed, or may be; its user can give it up. */
export interface Kept {
  what: string;
  path: string;
  /** Allocated. */
  bytes: number;
  /** The command that frees it. */
  command: string;
}

/** VMs, the builder's store, built images and templates, the largest first. */
export async function findKept(paths: Paths, unneeded: ReadonlySet<string>): Promise<Kept[]> {
  const measure = createMeter();
  const kept: Kept[] = [];
  for (const { name, paths: files, vmm } of await listVms(paths)) {
    const command = `mvmctl rm ${vmm === undefined ? '' : '--force '}${name}`;
    kept.push({ what: `VM ${name}`, path: files.dir, ...(await sizeOf(files.dir)), command });
  }
  const builder = builderFiles(paths).dir;
  kept.push({
    what: "the builder's store",
    path: builder,
    ...(await sizeOf(builder)),
    command: 'mvmctl builder reset',
  });
  for (const { digest, dir, image } of await listImages(imagesDir(paths))) {
    if (unneeded.has(dir)) continue;
    const what = `image ${image?.spec.name ?? 'damaged'}`;
    kept.push({ what, path: dir, ...(await sizeOf(dir)), command: `mvmctl rmi ${digest.slice(0, 12)}` });
  }
  for (const { key, dir, record, bytes } of await listTemplates(paths)) {
    if (unneeded.has(dir)) continue;
    const what = `template of ${record?.imageName ?? 'nothing'}`;
    kept.push({ what, path: dir, bytes, command: `mvmctl template rm ${key.slice(0, 12)}` });
  }
  return kept.filter(({ bytes }) => bytes > 0).sort((a, b) => b.bytes - a.bytes);

  async function sizeOf(path: string): Promise<{ bytes: number }> {
    return { bytes: (await measure(path)).bytes };
  }
}
