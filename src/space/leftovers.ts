import { join } from 'node:path';
import { builderPaths } from '../builder/machine/paths.ts';
import { buildsDir } from '../image/store/layout.ts';
import { lockHolder } from '../state/lock.ts';
import {
  debianDir,
  imagesDir,
  kernelsDir,
  type Paths,
  projectsDir,
  vmFiles,
  vmsDir,
} from '../state/paths.ts';
import { findVmm } from '../vm/state/find-vmm.ts';
import { bootRecords, vmmRecords, vmRecords } from '../vm/state/record.ts';
import type { Candidate } from './candidate.ts';
import { namesIn } from './tree.ts';

/** Files that get another name, or go, before a command ends: of one that was killed they stay. */
const unfinished = /\.(tmp|new|part|part\.validator)$/;
const why = 'left by a killed command';

/** What commands that were killed left in the cache. */
export async function cacheLeftovers(paths: Paths): Promise<Candidate[]> {
  const debian = debianDir(paths);
  const lists = (await namesIn(join(debian, 'dists'))).map((suite) => join(debian, 'dists', suite));
  const found: Candidate[] = [];
  for (const dir of [
    ...[paths.cache, imagesDir(paths), buildsDir(imagesDir(paths)), kernelsDir(paths), projectsDir(paths)],
    ...[join(debian, 'pool'), join(debian, 'index'), ...lists],
  ]) {
    for (const name of await namesIn(dir)) {
      if (!unfinished.test(name)) continue;
      const path = join(dir, name);
      // A download's lock is named after what the file will be.
      const lock = `${path.replace(/\.part(\.validator)?$/, '')}.lock`;
      found.push({ kind: 'leftovers', path, why, lock });
    }
  }
  return found;
}

/** What was left in the folders of VMs, the builder among them: never a record, nor a disk that has its name. */
export async function stateLeftovers(paths: Paths): Promise<Candidate[]> {
  const found: Candidate[] = [];
  for (const dir of [vmsDir(paths), vmsDir(builderPaths(paths))]) {
    for (const name of await namesIn(dir)) {
      const path = join(dir, name);
      if (/^\..+\.removed$/.test(name))
        found.push({
          kind: 'leftovers',
          path,
          why: 'left by a removed VM',
          lock: join(path, 'lock'),
          givenUp: true,
        });
      else if (!name.startsWith('.')) found.push(...(await inVm(path)));
    }
  }
  return found;
}

async function inVm(dir: string): Promise<Candidate[]> {
  const files = vmFiles(dir);
  if ((await lockHolder(files.lock)) !== undefined) return [];
  const found = (await namesIn(dir))
    .filter((name) => unfinished.test(name))
    .map((name): Candidate => ({ kind: 'leftovers', path: join(dir, name), why, lock: files.lock }));
  if ((await namesIn(dir)).includes('initrd') && !(await runs(files))) {
    const path = files.initrd;
    found.push({ kind: 'leftovers', path, why: 'left by an earlier boot', lock: files.lock });
  }
  return found;
}

async function runs(files: ReturnType<typeof vmFiles>): Promise<boolean> {
  const [record, boot, vmm] = [
    await vmRecords.load(files.record),
    await bootRecords.load(files.boot),
    await vmmRecords.load(files.vmm),
  ];
  return (await findVmm(files, { record, boot, vmm })) !== undefined;
}
