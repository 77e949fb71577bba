import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { writeError } from '../errors/file-error.ts';
import { systemCode } from '../errors/mvm-error.ts';
import { ensureDir } from '../state/write.ts';

/**
 * Makes `dir` a folder of exactly these files, all or nothing: written and synced under a temporary name
 * next to it, then renamed. What was there before is replaced. Throws STATE_WRITE.
 */
export async function writeFolder(dir: string, files: Readonly<Record<string, Uint8Array>>): Promise<void> {
  const temporary = `${dir}.${randomBytes(6).toString('hex')}.tmp`;
  await ensureDir(dirname(dir));
  await removeLeftovers(dir);
  try {
    await mkdir(temporary);
    for (const [name, bytes] of Object.entries(files)) await writeSynced(join(temporary, name), bytes);
    await replaceFolder(temporary, dir);
  } catch (error) {
    // The first error is the one to tell.
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
    throw writeError(error, dir);
  }
}

/** A writer that was killed left its temporary folder; after an hour it is no longer being written. */
async function removeLeftovers(dir: string): Promise<void> {
  const parent = dirname(dir);
  for (const name of await readdir(parent)) {
    if (!name.startsWith(`${basename(dir)}.`) || !name.endsWith('.tmp')) continue;
    const path = join(parent, name);
    const found = await stat(path).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOENT') throw error;
    });
    if (found !== undefined && Date.now() - found.mtimeMs > 3_600_000) {
      await rm(path, { recursive: true, force: true });
    }
  }
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o644);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A folder with files in it can't be renamed over, so the old one steps aside; others may do the same. */
export async function replaceFolder(from: string, to: string): Promise<void> {
  for (;;) {
    try {
      return await rename(from, to);
    } catch (error) {
      if (!['ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '')) throw error;
    }
    const aside = `${to}.${randomBytes(6).toString('hex')}.tmp`;
    await rename(to, aside).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOENT') throw error;
    });
    await rm(aside, { recursive: true, force: true });
  }
}
