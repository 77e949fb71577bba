import { stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { systemCode } from '../../errors/mvm-error.ts';
import { type ListedImage, listImages } from '../../image/store/store.ts';
import { imagesDir, type Paths } from '../../state/paths.ts';
import { listVms } from '../state/list.ts';

export interface UnusedImage {
  listed: ListedImage;
  why: 'damaged' | 'belongs to no project' | 'replaced by a newer build' | 'the project is gone';
}

/**
 * The images that no running VM uses and that no project would get without a build: all but the build that was last asked for, of
 * each output of each project that is still there.
 */
export async function unusedImages(paths: Paths): Promise<UnusedImage[]> {
  const inUse = new Set<string>();
  for (const vm of await listVms(paths)) {
    if (vm.vmm !== undefined && vm.boot !== undefined) inUse.add(vm.boot.image);
  }
  const images = await listImages(imagesDir(paths));
  const last = lastBuilds(images);
  const unused: UnusedImage[] = [];
  for (const listed of images) {
    if (inUse.has(listed.dir)) continue;
    const why = await whyUnused(listed, last);
    if (why !== undefined) unused.push({ listed, why });
  }
  return unused;
}

const output = (listed: ListedImage, { project, profile }: { project: string; profile: string }) =>
  [project, profile, listed.image?.spec.system].join('\0');

/** The image that each output of each project last gave, for each system. */
function lastBuilds(images: readonly ListedImage[]): Map<string, string> {
  const last = new Map<string, { digest: string; usedAt: Date }>();
  for (const listed of images) {
    for (const build of listed.builds) {
      const key = output(listed, build);
      const known = last.get(key);
      if (known === undefined || known.usedAt < build.usedAt) {
        last.set(key, { digest: listed.digest, usedAt: build.usedAt });
      }
    }
  }
  return new Map([...last].map(([key, { digest }]) => [key, digest]));
}

async function whyUnused(
  listed: ListedImage,
  last: ReadonlyMap<string, string>,
): Promise<UnusedImage['why'] | undefined> {
  if (listed.problem !== undefined) return 'damaged';
  if (listed.builds.length === 0) return 'belongs to no project';
  const current = listed.builds.filter((build) => last.get(output(listed, build)) === listed.digest);
  if (current.length === 0) return 'replaced by a newer build';
  for (const { project } of current) if (await isThere(project)) return undefined;
  return 'the project is gone';
}

/** Whether a project's folder still has a flake; a flake that Nix fetches counts as there. */
async function isThere(project: string): Promise<boolean> {
  if (!isAbsolute(project)) return true;
  return stat(join(project, 'flake.nix')).then(
    () => true,
    (error: unknown) => {
      if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return false;
      // A disk that is not mounted, a folder that can't be read: not gone.
      return true;
    },
  );
}
