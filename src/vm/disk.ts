import { randomBytes, randomUUID } from 'node:crypto';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { systemCode } from '../errors/mvm-error.ts';
import { formatExt4 } from '../image/disk/ext4.ts';
import { writeError } from '../state/write.ts';
import { defaults } from './plan-boot.ts';

/**
 * Makes a VM's disk where it has none: a sparse file with an empty ext4. The file gets its name only when it
 * is complete, so a killed or failed attempt leaves no half disk; what such an attempt left is removed.
 */
export async function ensureDisk(path: string): Promise<void> {
  try {
    await stat(path);
    return;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
  await removeDisk(path);
  const temporary = `${path}.${randomBytes(4).toString('hex')}.new`;
  try {
    await formatExt4(temporary, {
      sizeBytes: defaults.diskBytes,
      label: 'mvm',
      uuid: randomUUID(),
      nowSeconds: Math.floor(Date.now() / 1000),
    });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw writeError(error, path);
  }
}

/** Removes a disk and what unfinished attempts to make it left. */
export async function removeDisk(path: string): Promise<void> {
  const prefix = `${basename(path)}.`;
  for (const name of await readdir(dirname(path))) {
    if (name.startsWith(prefix) && name.endsWith('.new'))
      await rm(join(dirname(path), name), { force: true });
  }
  await rm(path, { force: true });
}
