import { join } from 'node:path';
import { builderImageDir } from '../builder/machine/image/image.ts';
import { builderPaths } from '../builder/machine/paths.ts';
import { MvmError } from '../errors/mvm-error.ts';
import { loadImage } from '../image/load-image.ts';
import { removeImage } from '../image/store/store.ts';
import { imagesDir, kernelsDir, type Paths } from '../state/paths.ts';
import { currentImageDir } from '../vm/images/default-image.ts';
import { unusedImages } from '../vm/images/unused.ts';
import { listVms } from '../vm/state/list.ts';
import type { Architecture } from '../vm/state/record.ts';
import type { Candidate } from './candidate.ts';
import { newestFirst } from './newest.ts';
import { namesIn } from './tree.ts';

const architectures: readonly Architecture[] = ['x86_64', 'aarch64'];

/** Images that no VM is running from, and that neither the next start nor the next build would use. */
export async function unneededImages(paths: Paths): Promise<Candidate[]> {
  const store = imagesDir(paths);
  const used = await bootedImages(paths);
  const found: Candidate[] = (await unusedImages(paths)).map(({ listed, why }) => ({
    kind: 'built images',
    path: listed.dir,
    why,
    remove: async () => void (await removeImage(store, listed.digest)),
  }));
  const names = await namesIn(store);
  for (const arch of architectures) {
    const ours = (prefix: string) =>
      names.filter((name) => new RegExp(`^${prefix}-${arch}-[0-9a-f]+$`).test(name));
    const current = await currentImageDir(paths, arch);
    for (const name of current === undefined ? [] : ours('default')) {
      const path = join(store, name);
      if (path === current || used.has(path)) continue;
      found.push({
        kind: 'default images',
        path,
        why: 'for another kernel, agent or version',
        lock: `${path}.lock`,
      });
    }
    const builders = await newestFirst(ours('builder').map((name) => join(store, name)));
    const builder = (await builderOf(paths, current)) ?? builders[0];
    for (const path of builders) {
      if (path === builder || used.has(path)) continue;
      found.push({
        kind: 'builder images',
        path,
        why: 'for another kernel, agent or version',
        lock: `${path}.lock`,
      });
    }
  }
  return found;
}

/** The images that running VMs, the builder among them, were booted from. */
async function bootedImages(paths: Paths): Promise<Set<string>> {
  const vms = [...(await listVms(paths)), ...(await listVms(builderPaths(paths)))];
  return new Set(vms.flatMap(({ boot }) => (boot === undefined ? [] : [boot.image])));
}

/** The builder's image that goes with the default image; undefined where that one is not there yet, or damaged. */
async function builderOf(paths: Paths, base: string | undefined): Promise<string | undefined> {
  if (base === undefined) return undefined;
  try {
    return builderImageDir(paths, await loadImage(base));
  } catch (error) {
    if (!(error instanceof MvmError)) throw error;
    return undefined;
  }
}

/** Kernels for built images but the one of each architecture that was last asked for. */
export async function unneededKernels(paths: Paths): Promise<Candidate[]> {
  const dir = kernelsDir(paths);
  const names = (await namesIn(dir)).filter((name) => !name.endsWith('.tmp'));
  const found: Candidate[] = [];
  for (const arch of architectures) {
    const ours = names.filter((name) => name.startsWith(`${arch}-`)).map((name) => join(dir, name));
    for (const path of (await newestFirst(ours)).slice(1))
      found.push({ kind: 'kernels', path, why: 'Debian has a newer one' });
  }
  return found;
}
