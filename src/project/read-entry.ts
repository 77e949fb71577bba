import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { MvmError, systemCode } from '../errors/mvm-error.ts';
import { shellWord } from '../errors/shell-word.ts';
import type { SourceEntry } from './source-entry.ts';

/** Bytes up to which a file is read in one go, without going through the event loop. */
export const smallFile = 65_536;

const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

function changed(path: string): MvmError {
  return new MvmError('SOURCE_INVALID', `${path} changed while it was being read.`, {
    hint: 'run the same command again   (when nothing is writing to the project)',
  });
}

function unreadable(error: unknown, path: string): unknown {
  const code = systemCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return changed(path);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EIO') {
    return new MvmError('SOURCE_INVALID', `Can't read ${path}: ${code}.`, {
      cause: error,
      hint: `ls -l ${shellWord(path)}`,
    });
  }
  return error;
}

function check(entry: SourceEntry, found: BigIntStats, path: string): void {
  const same =
    found.isFile() &&
    Number(found.size) === entry.size &&
    String(found.mtimeNs) === entry.mtime &&
    String(found.ino) === entry.inode;
  if (!same) throw changed(path);
}

/** The content of a file of at most `smallFile` bytes. Throws SOURCE_INVALID, also when it is not as `entry` says. */
export function readSmall(path: string, entry: SourceEntry): Buffer {
  let fd: number | undefined;
  try {
    fd = openSync(path, flags);
    check(entry, fstatSync(fd, { bigint: true }), path);
    const bytes = Buffer.allocUnsafe(entry.size);
    let read = 0;
    while (read < entry.size) {
      const count = readSync(fd, bytes, read, entry.size - read, null);
      if (count === 0) throw changed(path);
      read += count;
    }
    check(entry, fstatSync(fd, { bigint: true }), path);
    return bytes;
  } catch (error) {
    throw unreadable(error, path);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/**
 * The content of a file of any size, in pieces of at most 256 KiB. Throws SOURCE_INVALID, also when the file
 * is not as `entry` says, before or after it was read; and the signal's reason.
 */
export async function* readPieces(
  path: string,
  entry: SourceEntry,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const file = await open(path, flags).catch((error: unknown) => {
    throw unreadable(error, path);
  });
  try {
    check(entry, await file.stat({ bigint: true }), path);
    let read = 0;
    while (read < entry.size) {
      signal.throwIfAborted();
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(262_144, entry.size - read)));
      if (bytesRead === 0) throw changed(path);
      read += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
    check(entry, await file.stat({ bigint: true }), path);
  } catch (error) {
    throw unreadable(error, path);
  } finally {
    await file.close();
  }
}
