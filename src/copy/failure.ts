import { dirname } from 'node:path';
import { accessReason } from '../errors/file-error.ts';
import { MvmError, systemCode } from '../errors/mvm-error.ts';
import { shellWord } from '../errors/shell-word.ts';
import { refused } from '../guest/channel/failure.ts';
import type { GuestError } from '../protocol/guest-messages.ts';

const words: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EFBIG: 'the file is too large for the file system',
  ENXIO: "it is a socket, which can't be copied",
};

function failed(verb: 'read' | 'write', path: string, error: unknown): MvmError {
  if (error instanceof MvmError) return error;
  const code = systemCode(error) ?? '';
  const text = words[code] ?? accessReason(error);
  const hint = code === 'ENOSPC' ? `df -h ${shellWord(dirname(path))}` : `ls -ld ${shellWord(path)}`;
  return new MvmError(verb === 'read' ? 'FILE_UNUSABLE' : 'STATE_WRITE', `Can't ${verb} ${path}: ${text}.`, {
    cause: error,
    hint,
  });
}

/** FILE_UNUSABLE: a system call on a file of this host that was to be read failed. */
export const unreadable = (path: string, error: unknown): MvmError => failed('read', path, error);

/** STATE_WRITE likewise. */
export const unwritable = (path: string, error: unknown): MvmError => failed('write', path, error);

/** Something else is in the target's place, or the target can't be what is copied there. */
export function wrongTarget(path: string, why: string): MvmError {
  return new MvmError('FILE_UNUSABLE', `Can't write ${path}: ${why}.`, {
    hint: `ls -ld ${shellWord(path)}`,
  });
}

/** The folder that the target is to be in is not there. */
export function noFolder(path: string, above: string): MvmError {
  return new MvmError('FILE_UNUSABLE', `Can't write ${path}: there is no folder ${above}.`, {
    hint: `mkdir -p ${shellWord(above)}`,
  });
}

/** TREE_REFUSED: the tree would do what no copy of a tree does. */
export function treeRefused(path: string, why: string): MvmError {
  return new MvmError('TREE_REFUSED', `Can't write ${path}: ${why}.`, { hint: `ls -ld ${shellWord(path)}` });
}

/** What an ERROR of the operation `copy` means. `place` is the VM's name and a colon. */
export function guestFailure(message: GuestError, verb: 'read' | 'write', vm: string): MvmError {
  const [path = ''] = message.message.split(': ', 1);
  const text = `Can't ${verb} ${vm}:${message.message.replace(/\.$/, '')}.`;
  const hint = (command: string, of: string) => ({
    hint: `mvmctl exec ${vm} -- ${command} ${shellWord(of)}`,
  });
  switch (message.code) {
    case 'full':
      return new MvmError('STATE_WRITE', text, hint('df -h', dirname(path)));
    case 'unreadable':
    case 'unwritable':
      return new MvmError(
        'FILE_UNUSABLE',
        text,
        text.includes(': there is no folder ') ? hint('mkdir -p', dirname(path)) : hint('ls -ld', path),
      );
    case 'bad_tree':
      return new MvmError('TREE_REFUSED', text, path.startsWith('/') ? hint('ls -ld', path) : {});
    default:
      return refused(message);
  }
}
