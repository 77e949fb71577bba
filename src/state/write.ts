import { promises as fs } from 'node:fs';
import { dirname } from 'node:path';
import { MvmError, systemCode } from '../errors/mvm-error.ts';
import { makeDir } from './make-dir.ts';

const reasons: Record<string, { text: string; hint?: string }> = {
  ENOSPC: { text: 'the disk is full', hint: 'df -h' },
  EDQUOT: { text: 'your disk quota is used up' },
  EROFS: { text: 'the file system is read-only' },
  EACCES: { text: 'permission denied', hint: 'ls -ld' },
  EPERM: { text: 'permission denied', hint: 'ls -ld' },
  ENOTDIR: { text: 'a part of the path is not a folder' },
  EISDIR: { text: 'a folder has that name', hint: 'ls -la' },
  ENOTEMPTY: { text: 'a folder has that name', hint: 'ls -la' },
  EIO: { text: 'the disk fails' },
  ESTALE: { text: 'the disk is gone' },
};

/** Why a file can't be read or written, in words. */
export function accessReason(error: unknown): string {
  const code = systemCode(error);
  return reasons[code ?? '']?.text ?? noFolder[code ?? ''] ?? code ?? String(error);
}

/** Why a folder can't be made, beside what keeps a file from being written. */
const noFolder: Record<string, string> = {
  ENOENT: 'no folder can be made there',
  EEXIST: 'a file has that name',
  ELOOP: 'symbolic links go in a circle',
  ENAMETOOLONG: 'a name in it is too long',
};

/** Whether a system error's code is about a file as it is, and not about how we use it. */
export function isFileReason(code: string | undefined): boolean {
  return code === 'ENOENT' || code === 'ELOOP' || code === 'EEXIST' || (code ?? '') in reasons;
}

/** A failed write in words; other errors pass unchanged. */
export function writeError(error: unknown, path: string): unknown {
  const reason = reasons[systemCode(error) ?? ''];
  if (reason === undefined) return error;
  return new MvmError('STATE_WRITE', `Can't write ${path}: ${reason.text}.`, {
    cause: error,
    ...(reason.hint === undefined ? {} : { hint: `${reason.hint} ${dirname(path)}` }),
  });
}

/** Differs between any two calls of this host's processes; no secret, and cheaper than loading node:crypto. */
export function uniqueSuffix(): string {
  return `${process.pid.toString(36)}${process.hrtime.bigint().toString(36)}`;
}

/** Creates a folder and its parents. Throws STATE_WRITE. */
export async function ensureDir(path: string, mode = 0o755): Promise<void> {
  try {
    makeDir(path, mode);
  } catch (error) {
    const reason = noFolder[systemCode(error) ?? ''];
    if (reason === undefined) throw writeError(error, path);
    throw new MvmError('STATE_WRITE', `Can't write ${path}: ${reason}.`, { cause: error });
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
