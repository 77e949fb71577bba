import { promises as fs } from 'node:fs';
import { folderError, writeError } from '../errors/file-error.ts';
import { makeDir } from './make-dir.ts';

/** Differs between any two calls of this host's processes; no secret, and cheaper than loading node:crypto. */
export function uniqueSuffix(): string {
  return `${process.pid.toString(36)}${process.hrtime.bigint().toString(36)}`;
}

/** Creates a folder and its parents. Throws STATE_WRITE. */
export async function ensureDir(path: string, mode = 0o755): Promise<void> {
  try {
    makeDir(path, mode);
  } catch (error) {
    throw folderError(error, path);
  }
}

/**
 * Replaces a file so that a reader, a crash or a full disk never leaves half of it: temporary name in the
 * same folder, fsync, rename. Throws STATE_WRITE.
 * @param options.sync false for what may be lost with the host's power
 */
export async function writeAtomic(
  path: string,
  data: string | Uint8Array,
  mode = 0o644,
  { sync = true }: { sync?: boolean } = {},
): Promise<void> {
  const temporary = `${path}.${uniqueSuffix()}.tmp`;
  try {
    const file = await fs.open(temporary, 'wx', mode);
    try {
      await file.writeFile(data);
      if (sync) await file.sync();
    } finally {
      await file.close();
    }
    await fs.rename(temporary, path);
  } catch (error) {
    // The write's own error is the one to tell, whatever becomes of the remains.
    await fs.rm(temporary, { force: true }).catch(() => {});
    throw writeError(error, path);
  }
}
