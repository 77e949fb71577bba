import type { Names } from '../tree/tree.ts';
import { fold } from './fold.ts';

/**
 * What a guest may do with a name in a folder that git takes for a repository:
 *
 * - `free`: anything, but symbolic links;
 * - `structure`: a folder, made and removed, never moved;
 * - `config`: changed as git itself does it, and only by what is harmless;
 * - `hook`: git's samples, and nothing that git runs;
 * - `once`: made where it is absent;
 * - `commondir`, `todo`, `strategy`: written, and given to the host once it is harmless;
 * - `never`: nothing.
 */
export type Place =
  | 'free'
  | 'structure'
  | 'config'
  | 'hook'
  | 'once'
  | 'commondir'
  | 'todo'
  | 'strategy'
  | 'never';

const places: Readonly<Record<string, Place>> = {
  config: 'config',
  'config.worktree': 'config',
  commondir: 'commondir',
  hooks: 'structure',
  info: 'structure',
  'info/exclude': 'once',
  'info/attributes': 'never',
  objects: 'structure',
  'objects/info': 'structure',
  // Objects of any other repository of the host would be read through them.
  'objects/info/alternates': 'never',
  'objects/info/http-alternates': 'never',
  refs: 'structure',
  logs: 'structure',
  modules: 'structure',
  worktrees: 'structure',
  // Remotes as they were configured before there was a configuration.
  remotes: 'structure',
  branches: 'structure',
  // `git rebase --continue` on the host runs `exec` lines, and the merge strategy as a program.
  'rebase-merge': 'structure',
  'rebase-merge/git-rebase-todo': 'todo',
  'rebase-merge/strategy': 'strategy',
  sequencer: 'structure',
  'sequencer/opts': 'strategy',
};

const inFolders: Readonly<Record<string, Place>> = { hooks: 'hook', remotes: 'never', branches: 'never' };

/** @param inner the path below the repository's folder */
export function placeIn(inner: Names): Place {
  const [first = '', second] = inner;
  const folded = inner.slice(0, 3).map(fold);
  const [top = ''] = folded;
  const key = inner.length <= 3 ? folded.join('/') : undefined;
  let place = key === undefined ? undefined : places[key];
  if (place === undefined && second !== undefined) {
    place = inFolders[top];
    if (place === 'hook' && inner.length > 2) place = 'never';
    // Below what is a file.
    if (top === 'config' || top === 'config.worktree' || top === 'commondir') place = 'never';
  }
  if (
    isShort(first) ||
    (['info', 'objects', 'rebase-merge', 'sequencer'].includes(top) && isShort(second ?? ''))
  )
    return 'never';
  if (place === undefined || place === 'free') return 'free';
  // Another spelling of a name that counts: git makes none, and some file systems take it for the name.
  return inner.slice(0, place === 'hook' ? 1 : 3).some((name, at) => name !== folded[at]) ? 'never' : place;
}

/** As NTFS shortens a long name. */
const isShort = (name: string): boolean => /^[^.~]{1,6}~[0-9]/.test(name);

/** The names by which git knows a folder as a repository, as `fold` has them. */
export const signs: ReadonlySet<string> = new Set(['head', 'objects', 'refs', 'commondir']);

/** Git runs no hook of such a name. */
export const isSample = (path: Names): boolean => path.at(-1)?.endsWith('.sample') === true;

/** The file by which a repository's folder has its configuration in another one. */
export const isCommonDirName = (path: Names): boolean => fold(path.at(-1) ?? '') === 'commondir';
