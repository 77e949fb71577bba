import { lstatSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { accessReason } from '../errors/file-error.ts';
import { MvmError, systemCode } from '../errors/mvm-error.ts';
import type { Paths } from './paths.ts';

/** Who may own one of the folders: what mvmctl keeps secret has to be its user's, what it only reads may be root's. */
type Owner = 'self' | 'self or root';

const writableByGroup = 0o020;
const writableByAll = 0o002;
const sticky = 0o1000;

/**
 * Refuses folders in which others could replace our files: sockets, images, a configuration. One
 * look at each, since every command does this. What does not exist yet will be made by us.
 * @throws MvmError STATE_UNSAFE; STATE_WRITE if it is not a folder, or can't be accessed
 */
export function checkOwnFolders(paths: Paths): void {
  checkFolder(paths.state, 'self');
  checkFolder(paths.runtime, 'self');
  checkFolder(paths.cache, 'self or root');
  const config = look(paths.config);
  if (config !== undefined) refuse(paths.config, config, 'self or root', writableByAll);
}

/** @throws MvmError as `checkOwnFolders` */
export function checkFolder(path: string, owner: Owner): void {
  const found = look(path);
  if (found === undefined) return;
  if (!found.isDirectory()) {
    throw new MvmError('STATE_WRITE', `${path} should be a folder for mvmctl, but it is a file.`, {
      hint: `ls -ld ${path}   (move it away, or name another folder: MVM_STATE_DIR, MVM_CACHE_DIR, MVM_RUNTIME_DIR)`,
    });
  }
  refuse(path, found, owner, writableByGroup | writableByAll);
}

/**
 * Refuses folders above these in which others could rename entries: their owner, and anyone who can write to one that has no
 * sticky bit. For what is about to make folders of ours or to start something in them.
 * @throws MvmError STATE_UNSAFE
 */
export function checkFoldersAbove(paths: Pick<Paths, 'state' | 'runtime' | 'cache'>): void {
  const seen = new Set<string>();
  for (const path of [paths.state, paths.runtime, paths.cache]) {
    for (let dir = folderAbove(path); !seen.has(dir); dir = dirname(dir)) {
      seen.add(dir);
      const found = statSync(dir);
      if (!isUnmapped(found.uid)) refuse(dir, found, 'self or root', 0);
      if ((found.mode & sticky) !== 0) continue;
      // A group of the same number as its user is that user's alone, where it is made for each.
      const own = found.gid === process.getegid?.() && found.gid === process.geteuid?.();
      refuse(dir, found, undefined, own ? writableByAll : writableByGroup | writableByAll);
    }
  }
}

/** Shown for owners that a user namespace does not know (user_namespaces(7)): in it, nobody can act as such an owner. */
const overflowUid = 65_534;

function isUnmapped(uid: number): boolean {
  if (uid !== overflowUid) return false;
  try {
    return !/^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'latin1'));
  } catch {
    return false;
  }
}

/** The real path of the folder that has this one, or will have the first that is made for it. */
function folderAbove(path: string): string {
  for (let at = path; ; at = dirname(at)) {
    try {
      const real = realpathSync.native(at);
      return at === path ? dirname(real) : real;
    } catch (error) {
      if (!isNothing(error)) throw unreadable(at, error);
    }
  }
}

/** What is there, behind symbolic links, which have to be ours or root's themselves; undefined where nothing is. */
function look(path: string): Stats | undefined {
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found?.isSymbolicLink() !== true) return found;
    refuse(path, found, 'self or root', 0);
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (error instanceof MvmError) throw error;
    if (isNothing(error)) return undefined;
    throw unreadable(path, error);
  }
}

/** A file further up also means that there is nothing; creating a folder there reports it. */
const isNothing = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '');

function unreadable(path: string, cause: unknown): MvmError {
  return new MvmError('STATE_WRITE', `Can't use ${path}: ${accessReason(cause)}.`, {
    cause,
    hint: `ls -ld ${path}   ${path === dirname(path) ? '' : `(and ls -ld ${dirname(path)})`}`.trimEnd(),
  });
}

function refuse(path: string, found: Stats, owner: Owner | undefined, forbidden: number): void {
  const self = process.geteuid?.() ?? found.uid;
  if (owner !== undefined && found.uid !== self && !(owner === 'self or root' && found.uid === 0)) {
    throw new MvmError(
      'STATE_UNSAFE',
      `${path} belongs to ${whose(found.uid)}, and you are ${whose(self)}.`,
      {
        hint:
          self === 0
            ? "sudo -H mvmctl …   (root's VMs are in root's own HOME; or run it without sudo, as the user who owns that folder)"
            : found.uid === 0
              ? `sudo chown -R ${self} ${path}`
              : 'env | grep -E "^(MVM|XDG)_|^HOME="   (one of these variables names it: name a folder of your own instead, or unset it)',
      },
    );
  }
  if ((found.mode & forbidden) === 0) return;
  const who = (found.mode & writableByAll & forbidden) === 0 ? 'its group' : 'everybody';
  const mode = (found.mode & 0o7777).toString(8).padStart(4, '0');
  throw new MvmError(
    'STATE_UNSAFE',
    `${path} can be written to by ${who} (mode ${mode}), so others could replace mvmctl's files.`,
    { hint: `chmod ${who === 'its group' ? 'g-w' : 'go-w'} ${path}` },
  );
}

const whose = (uid: number): string => (uid === 0 ? 'root' : `user ${uid}`);
