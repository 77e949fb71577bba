import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { builderFiles } from '../builder/machine/paths.ts';
import { lockHolder } from '../state/lock.ts';
import { debianDir, imagesDir, type Paths } from '../state/paths.ts';
import { currentImageDir } from '../vm/images/default-image.ts';
import { ownArch } from '../vm/state/record.ts';
import type { Candidate } from './candidate.ts';
import { newestFirst } from './newest.ts';
import { namesIn } from './tree.ts';

/** The one program that each build with `--nixpkgs debian` unpacks again. */
const seed = /\/(busybox-static)_.*_(\w+)\.deb$/;

/** What the default image is assembled from. */
const imageParts = /\/(busybox-static|linux-image)[_-].*_(\w+)\.deb$/;

/**
 * Package files that were unpacked into images, and indexes of earlier days. What is unpacked again by the next build,
 * or by the next start where that has to assemble the default image, stays; none is removed while an image is being made.
 */
export async function unneededDownloads(paths: Paths): Promise<Candidate[]> {
  if (await isAssembling(paths)) return [];
  const pool = join(debianDir(paths), 'pool');
  const packages = (await namesIn(pool))
    .filter((name) => name.endsWith('.deb'))
    .map((name) => join(pool, name));
  const wanted = (await isImageThere(paths)) ? seed : imageParts;
  const needed = await newestOfEach(packages, (path) => wanted.exec(path)?.slice(1).join(' '));
  const index = join(debianDir(paths), 'index');
  const indexes = (await namesIn(index))
    .filter((name) => /-[0-9a-f]{16}(\.gz|\.xz)?$/.test(name))
    .map((name) => join(index, name));
  const current = await newestOfEach(indexes, (path) => /([^/]+)-[0-9a-f]{16}[^/]*$/.exec(path)?.[1]);
  return [
    ...packages
      .filter((path) => !needed.has(path))
      .map(
        (path): Candidate => ({
          kind: 'Debian packages',
          path,
          why: 'unpacked into images',
          lock: `${path}.lock`,
        }),
      ),
    ...indexes
      .filter((path) => !current.has(path))
      .map(
        (path): Candidate => ({
          kind: 'package indexes',
          path,
          why: 'there is a newer one',
          lock: `${path}.lock`,
        }),
      ),
  ];
}

/** Whether the next start has its image. */
async function isImageThere(paths: Paths): Promise<boolean> {
  const current = await currentImageDir(paths, ownArch());
  return current !== undefined && existsSync(current);
}

/** Whether a process is making an image, and may be reading packages. */
async function isAssembling(paths: Paths): Promise<boolean> {
  const images = imagesDir(paths);
  const locks = (await namesIn(images)).filter((name) => name.endsWith('.lock'));
  for (const lock of [...locks.map((name) => join(images, name)), builderFiles(paths).jobLock])
    if ((await lockHolder(lock)) !== undefined) return true;
  return false;
}

/** The newest path of each key; paths without one are in no group. */
async function newestOfEach(
  paths: readonly string[],
  key: (path: string) => string | undefined,
): Promise<Set<string>> {
  const newest = new Map<string, string>();
  for (const path of await newestFirst(paths)) {
    const group = key(path);
    if (group !== undefined && !newest.has(group)) newest.set(group, path);
  }
  return new Set(newest.values());
}
