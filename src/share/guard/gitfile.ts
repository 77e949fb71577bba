import type { Names } from '../tree/tree.ts';

/** Where a `.git` file leads. */
export interface GitFile {
  /** The path in it, one name each; `..` only at its beginning, where it is relative. */
  names: Names;
  isAbsolute: boolean;
}

/** What a `.git` file says, or undefined where it is none that git writes. */
export function parseGitFile(bytes: Buffer): GitFile | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused.
  const path = /^gitdir: ([^\0-\x1f\x7f]{1,4000})\n+$/.exec(bytes.toString('latin1'))?.[1];
  if (path === undefined) return undefined;
  const isAbsolute = path.startsWith('/');
  const names = (isAbsolute ? path.slice(1) : path).split('/');
  if (names.includes('') || names.includes('.')) return undefined;
  const climbs = names.findIndex((name) => name !== '..');
  if (climbs < 0 || names.indexOf('..', climbs) >= 0 || (isAbsolute && climbs > 0)) return undefined;
  return { names, isAbsolute };
}

/** How many folders a relative path goes up. */
export const climbs = (names: Names): number => names.filter((name) => name === '..').length;

/** The repository's folder that a `.git` file leads to, as a path of the share; undefined where that is not in it. */
export function gitFileTarget(file: GitFile, folder: Names, guestRoot: string): Names | undefined {
  if (!file.isAbsolute) {
    const up = climbs(file.names);
    return up > folder.length ? undefined : [...folder.slice(0, folder.length - up), ...file.names.slice(up)];
  }
  const root = guestRoot.split('/').slice(1);
  return root.every((name, at) => file.names[at] === name) ? file.names.slice(root.length) : undefined;
}

/** The folder that has the configuration of a repository's folder, as git lays them out. */
export const commonFolder = (git: Names): Names =>
  git.at(-2) === 'worktrees' && git.length > 2 ? git.slice(0, -2) : git;
