import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeError } from '../../errors/file-error.ts';
import { MvmError } from '../../errors/mvm-error.ts';
import { makeDir } from '../../state/make-dir.ts';
import type { PackageIndex } from '../index/packages.ts';
import { extractFiles, type FetchPackageOptions, fetchPackage } from './file.ts';

/**
 * Writes what a build with the stand-in nixpkgs needs besides its sources: `local/mirror.json`, and as
 * `local/<arch>/busybox` the one program that unpacks all the others. Both differ from machine to machine
 * and are never committed. Throws PACKAGE_NOT_FOUND, PACKAGE_INVALID, STATE_WRITE, and as fetchPackage does.
 */
export async function writeSeed(
  root: string,
  index: PackageIndex,
  options: FetchPackageOptions = {},
): Promise<void> {
  const record = index.get('busybox-static');
  if (record === undefined) {
    throw new MvmError('PACKAGE_NOT_FOUND', `The index of ${index.suite} has no busybox-static.`);
  }
  const files = await extractFiles(await fetchPackage(index, record, options), (path) =>
    /^(usr\/)?bin\/busybox$/.test(path),
  );
  const busybox = files.values().next().value;
  if (busybox === undefined) throw new MvmError('PACKAGE_INVALID', 'busybox-static has no bin/busybox.');
  const dir = join(root, 'local', index.arch);
  const file = join(dir, 'busybox');
  try {
    makeDir(dir);
    await writeFile(file, busybox.data);
    await chmod(file, 0o755);
    await writeFile(join(root, 'local', 'mirror.json'), `{ "url": ${JSON.stringify(index.mirror.url)} }\n`);
  } catch (error) {
    throw writeError(error, file);
  }
}
