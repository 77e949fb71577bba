import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { PackageIndex } from '../../debian/index/packages.ts';
import type { PackageRecord } from '../../debian/index/record.ts';
import { cloudKernel, libraryKernel } from '../../image/default/from-debian.ts';
import { writeKernelBundle } from '../../image/kernel/bundle.ts';
import { kernelsDir } from '../../state/paths.ts';
import type { Architecture } from '../../vm/state/record.ts';
import type { Surroundings } from '../../vm/surroundings.ts';

/** To be raised when a bundle's content changes that is made of the same package. */
const revision = 2;

/** Milliseconds after which a bundle that was not requested counts as unused. */
const keptMs = 7 * 24 * 3_600_000;

/** The bundle's folder: another package, or another one's bytes, is another folder. */
export function kernelFolder(
  arch: Architecture,
  { version, sha256 }: Pick<PackageRecord, 'version' | 'sha256'>,
): string {
  return `${arch}-${version.replaceAll(/[^\w.+-]/g, '_')}-${sha256.slice(0, 12)}-${revision}`;
}

/**
 * The folder with the kernel bundle of the library's images, made of the kernel package that Debian has now where
 * the cache lacks it. Throws as downloading and unpacking does, and STATE_WRITE.
 */
export async function preparedKernel(
  arch: Architecture,
  index: PackageIndex,
  options: Surroundings,
): Promise<string> {
  const record = cloudKernel(index, arch);
  const dir = join(kernelsDir(options.paths), kernelFolder(arch, record));
  if (!(await isThere(dir))) {
    await writeKernelBundle(await libraryKernel(arch, index, record, options), dir);
    await removeOthers(dir, arch);
  }
  return dir;
}

/** Whether the folder is there, and says that it is used. */
async function isThere(dir: string): Promise<boolean> {
  const now = new Date();
  return utimes(dir, now, now).then(
    () => true,
    // Not there yet; whatever else is wrong shows when it is written.
    () => false,
  );
}

/** Bundles of the kernels that Debian had before. */
async function removeOthers(dir: string, arch: Architecture): Promise<void> {
  for (const name of await readdir(dirname(dir))) {
    if (name === basename(dir) || !name.startsWith(`${arch}-`)) continue;
    const path = join(dirname(dir), name);
    if (Date.now() - (await stat(path)).mtimeMs > keptMs) await rm(path, { recursive: true, force: true });
  }
}
