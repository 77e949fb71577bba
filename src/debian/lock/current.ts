import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MvmError } from '../../errors/mvm-error.ts';
import type { PackageIndex } from '../index/packages.ts';
import { formatLock, type Lock } from './json.ts';
import { makeLock } from './lock.ts';
import { readTable } from './table.ts';

/** The packages of a lock that the archive no longer has in that form: superseded, so their files are gone. */
export function supersededIn(lock: Lock, index: Pick<PackageIndex, 'get'>): string[] {
  return Object.entries(lock.packages)
    .filter(([name, { path, sha256 }]) => {
      const record = index.get(name);
      return record?.sha256 !== sha256 || record.filename !== path;
    })
    .map(([name]) => name);
}

/**
 * The text of the lock to build with: the one below `root` while the archive has all its files and it holds
 * all of `extra`, else a new one. Throws PACKAGE_INVALID, PACKAGE_NOT_FOUND.
 * @param root a copy of nix/debian
 * @param extra Debian packages that `pkgs.debian` is to have besides
 */
export async function currentLock(
  root: string,
  index: PackageIndex,
  extra: readonly string[] = [],
): Promise<{ text: string; superseded: readonly string[] }> {
  const file = join(root, 'lock', `${index.arch}.json`);
  const text = await readFile(file, 'utf8');
  let lock: Lock;
  try {
    lock = JSON.parse(text) as Lock;
  } catch (error) {
    throw new MvmError('PACKAGE_INVALID', `${file} is not JSON.`, { cause: error });
  }
  const superseded = supersededIn(lock, index);
  const missing = extra.filter((name) => lock.packages[name] === undefined);
  if (superseded.length === 0 && missing.length === 0) return { text, superseded };
  return { text: formatLock(makeLock(index, await readTable(root, index.arch), extra)), superseded };
}
