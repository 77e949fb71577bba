import { randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { systemCode } from '../../errors/mvm-error.ts';
import { formatExt4 } from '../../image/format/ext4/ext4.ts';
import { diskBytes } from './plan.ts';

/**
 * Makes a VM's disk where it has none: a sparse file with an empty ext4 of that apparent size, which gets its
 * name only when it is complete. What a killed attempt left is removed.
 */
export async function ensureDisk(path: string, sizeBytes = diskBytes): Promise<void> {
  try {
    await stat(path);
    return;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
  await removeDisk(path);
  await formatExt4(path, {
    sizeBytes,
    label: 'mvm',
    uuid: randomUUID(),
    nowSeconds: Math.floor(Date.now() / 1000),
  });
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
