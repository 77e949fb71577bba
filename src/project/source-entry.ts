import { lstatSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { MvmError, systemCode } from '../errors/mvm-error.ts';
import { shellWord } from '../errors/shell-word.ts';

/** A file of a project's source as it was when it was looked at. */
export interface SourceEntry {
  /** Relative to the source's root, with `/`. */
  path: string;
  /** An empty folder is an entry; others follow from the files in them. */
  kind: 'file' | 'link' | 'folder';
  executable: boolean;
  /** Bytes; 0 if it is not a file. */
  size: number;
  /** What reveals a changed file: nanoseconds and inode number, as decimal text. */
  mtime: string;
  ctime: string;
  inode: string;
}

/** The files that Nix would take of a project. */
export interface Source {
  /** The folder that `entries` are in: the repository's root where there is one. */
  root: string;
  /** The flake's folder in it; empty where it is the root. */
  subfolder: string;
  from: 'git' | 'folder';
  /** Sorted by path. */
  entries: readonly SourceEntry[];
  /** Lines for the user on what a build will not see as they may expect. */
  notes: readonly string[];
}

/** Undefined for what is gone from the disk: a build sees a deleted file as deleted. */
export function lookAt(root: string, path: string): SourceEntry | undefined {
  const file = `${root}/${path}`;
  let found: ReturnType<typeof statOf>;
  try {
    found = statOf(file);
  } catch (error) {
    if (systemCode(error) === 'ENOTDIR') return undefined;
    throw new MvmError('SOURCE_INVALID', `Can't look at ${file}: ${systemCode(error)}.`, {
      cause: error,
      hint: `ls -ld ${shellWord(file)}`,
    });
  }
  if (found === undefined) return undefined;
  const kind = found.isFile()
    ? 'file'
    : found.isSymbolicLink()
      ? 'link'
      : found.isDirectory()
        ? 'folder'
        : undefined;
  // Git's list has no folders: where one stands now, the file is gone.
  if (kind === 'folder' && !path.endsWith('/')) return undefined;
  if (kind === undefined) throw special(file, found);
  if (path.includes('\uFFFD')) {
    throw new MvmError('SOURCE_INVALID', `The name of ${file} is not UTF-8.`, { hint: 'rename it' });
  }
  return {
    path: kind === 'folder' ? path.slice(0, -1) : path,
    kind,
    executable: kind === 'file' && (found.mode & 0o100n) !== 0n,
    size: kind === 'file' ? Number(found.size) : 0,
    mtime: String(found.mtimeNs),
    ctime: String(found.ctimeNs),
    inode: String(found.ino),
  };
}

function statOf(file: string) {
  return lstatSync(file, { bigint: true, throwIfNoEntry: false });
}

function special(file: string, found: { isFIFO(): boolean; isSocket(): boolean }): MvmError {
  const what = found.isFIFO() ? 'a FIFO' : found.isSocket() ? 'a socket' : 'a device';
  return new MvmError('SOURCE_INVALID', `${file} is ${what}, which can't be part of a build.`, {
    hint: `rm ${shellWord(file)}   (or run git init, and git add what belongs to the project)`,
  });
}

/** The absolute path of an entry. */
export function entryPath(source: Pick<Source, 'root'>, entry: Pick<SourceEntry, 'path'>): string {
  return join(source.root, entry.path);
}

/** Whether a link's target lies in the tree. */
export function staysInside(root: string, from: string, target: string): boolean {
  const at = resolve(root, from, '..', target);
  return at === root || at.startsWith(`${root}${sep}`);
}
