import { dirname } from 'node:path';
import { MvmError, systemCode } from './mvm-error.ts';
import { shellWord } from './shell-word.ts';

const reasons: Record<string, { text: string; hint?: string }> = {
  ENOSPC: { text: 'the disk is full', hint: 'df -h' },
  EDQUOT: { text: 'your disk quota is used up' },
  EROFS: { text: 'the file system is read-only' },
  EACCES: { text: 'permission denied', hint: 'ls -ld' },
  EPERM: { text: 'permission denied', hint: 'ls -ld' },
  ENOTDIR: { text: 'a part of the path is not a folder' },
  EISDIR: { text: 'a folder has that name', hint: 'ls -la' },
  ENOTEMPTY: { text: 'a folder has that name', hint: 'ls -la' },
  EIO: { text: 'the disk is failing' },
  ESTALE: { text: 'the disk is gone' },
};

/** A message saying why a file can't be read or written. */
export function accessReason(error: unknown): string {
  const code = systemCode(error);
  return reasons[code ?? '']?.text ?? noFolder[code ?? ''] ?? code ?? String(error);
}

/** Reasons why a folder can't be created, other than those for which a file can't be written. */
const noFolder: Record<string, string> = {
  ENOENT: 'no folder can be created there',
  EEXIST: 'a file has that name',
  ELOOP: 'symbolic links go in a circle',
  ENAMETOOLONG: 'a name in it is too long',
};

/** Whether a system error's code is about a file as it is, and not about how we use it. */
function isFileReason(code: string | undefined): boolean {
  return code === 'ENOENT' || code === 'ELOOP' || code === 'EEXIST' || (code ?? '') in reasons;
}

/** Turns a failed write into a message; other errors pass unchanged. */
export function writeError(error: unknown, path: string): unknown {
  const reason = reasons[systemCode(error) ?? ''];
  if (reason === undefined) return error;
  return new MvmError('STATE_WRITE', `Can't write ${path}: ${reason.text}.`, {
    cause: error,
    ...(reason.hint === undefined ? {} : { hint: `${reason.hint} ${shellWord(dirname(path))}` }),
  });
}

/** The same of a folder that can't be made. */
export function folderError(error: unknown, path: string): unknown {
  const reason = noFolder[systemCode(error) ?? ''];
  if (reason === undefined) return writeError(error, path);
  return new MvmError('STATE_WRITE', `Can't write ${path}: ${reason}.`, { cause: error });
}

/** What was done to a file, by the system call that failed. */
const verbs: Record<string, string> = {
  open: 'open',
  read: 'read',
  scandir: 'list',
  opendir: 'list',
  readlink: 'read',
  mkdir: 'make',
  rename: 'rename',
  unlink: 'remove',
  rmdir: 'remove',
  rm: 'remove',
  write: 'write',
};

/** The same error with the file's path, which Node leaves out where it read what turned out to be a folder. */
export function atFile(error: unknown, path: string): unknown {
  return error instanceof MvmError || systemCode(error) === undefined
    ? error
    : Object.assign(error as object, { path });
}

/**
 * A failed system call on a named file as an error that names it; any other error unchanged. For what no one nearer
 * has better words for: a folder where a file is expected, a file that may not be read.
 */
export function fileError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof MvmError) return error;
  const { code, syscall, path } = error as NodeJS.ErrnoException;
  if (syscall === undefined || path === undefined || !isFileReason(code)) return error;
  return new MvmError('FILE_UNUSABLE', `Can't ${verbs[syscall] ?? 'use'} ${path}: ${accessReason(error)}.`, {
    cause: error,
    hint: `ls -ld ${shellWord(path)}`,
  });
}
