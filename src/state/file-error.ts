import { MvmError, systemCode } from '../errors/mvm-error.ts';
import { accessReason, isFileReason } from './write.ts';

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
    hint: `ls -ld ${path}`,
  });
}
