import { closeSync, writeSync } from 'node:fs';
import { systemError } from '../tree/system-error.ts';
import type { Attributes, Names, Tree } from '../tree/tree.ts';
import { isDotGit } from './fold.ts';
import { parseGitConfig } from './git-config.ts';
import { harmfulChange } from './harmless.ts';
import { resolvePath } from './named-paths.ts';
import { readIfThere } from './read.ts';

let count = 0;

/** The first key by which these bytes are more than a guest may make of what was there; undefined where they are harmless. */
export function harmIn(
  before: Buffer | undefined,
  after: Buffer,
  git: Names,
  guestRoot: string,
): string | undefined {
  const now = parseGitConfig(after.toString('latin1'));
  const old = before === undefined ? [] : parseGitConfig(before.toString('latin1'));
  if (now === undefined || old === undefined) return 'a line that git does not read';
  return harmfulChange(old, now, { guestRoot, isWorkTree: (value) => isWorkTree(value, git) })?.key;
}

/** Whether a submodule's folder, `A/.git/modules/NAME`, has its work tree below A. */
function isWorkTree(value: string, git: Names): boolean {
  const at = git.indexOf('.git');
  if (at < 0 || git[at + 1] !== 'modules' || git.length < at + 3) return false;
  const path = value.split('/');
  if (path.includes('') || path.includes('.')) return false;
  const first = path.findIndex((name) => name !== '..');
  if (first < 1 || path.indexOf('..', first) >= 0) return false;
  const found = resolvePath(git, path);
  return (
    found !== undefined &&
    found.length > at &&
    git.slice(0, at).every((name, index) => name === found[index]) &&
    !found.slice(at).some(isDotGit)
  );
}

/** Files that were put in place of others, by their identity: a guest's kernel is to find the ones that it knows. */
export type Stands = Map<string, { identity: string; ino: bigint }>;

/** So many of them are remembered; of others the kernel learns anew. */
const mostStands = 10_000;

/**
 * Puts a new file with these bytes in this place, which no other name and no open descriptor leads to.
 *
 * @param shown what the guest sees it as
 */
export function writeNew(tree: Tree, path: Names, bytes: Buffer, shown: Attributes, stands: Stands): void {
  const name = `.mvm-checked-${process.pid}-${count++}`;
  const temporary = [...path.slice(0, -1), name];
  const fd = tree.create(temporary, shown.mode & 0o666);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, at);
  } finally {
    closeSync(fd);
  }
  try {
    tree.rename(temporary, path, false);
  } catch (error) {
    tree.remove(temporary);
    throw error;
  }
  const { identity, ino } = stands.get(shown.identity) ?? shown;
  if (stands.size >= mostStands) stands.clear();
  stands.set(tree.stat(path).identity, { identity, ino });
}

/** Throws EACCES where there is none, or it is too long. */
export function readToCheck(tree: Tree, path: Names): Buffer {
  const bytes = readIfThere(tree, path);
  if (bytes === undefined) throw systemError('EACCES', 'rename');
  return bytes;
}

/** Whether a guest could have made this configuration from nothing. */
export function isHarmlessConfig(tree: Tree, path: Names, git: Names, guestRoot: string): boolean {
  const bytes = readIfThere(tree, path);
  return bytes !== undefined && harmIn(undefined, bytes, git, guestRoot) === undefined;
}
