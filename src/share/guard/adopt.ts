import { constants } from 'node:fs';
import type { Names, Tree } from '../tree/tree.ts';
import { harmIn, type Stands, writeNew } from './change-config.ts';
import { isCommonDir } from './content-checks.ts';
import { placeIn } from './git-place.ts';
import { isFile, readIfThere, statIfThere } from './read.ts';

/** So many entries of a folder are looked through at once. */
export const mostEntries = 100_000;

/** Each entry below a folder, as its path from there and its type; false as the last where there are too many. */
export function* walk(tree: Tree, folder: Names): Generator<{ inner: Names; type: number } | false> {
  const folders: Names[] = [[]];
  let left = mostEntries;
  for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
    for (const { name, type } of tree.list([...folder, ...at])) {
      const inner = [...at, name];
      const real =
        type === 0 ? (statIfThere(tree, [...folder, ...inner])?.mode ?? 0) & constants.S_IFMT : type;
      if (left-- === 0) {
        yield false;
        return;
      }
      yield { inner, type: real };
      if (real === constants.S_IFDIR) folders.push(inner);
    }
  }
}

/**
 * Whether a folder may become a repository: a guest could have made all that is in it under a repository's rules. Its
 * configuration is put into a new file, since the guest may have the one that is there under another name, or open.
 */
export function adopt(tree: Tree, git: Names, guestRoot: string, stands: Stands): boolean {
  const configs: Names[] = [];
  for (const entry of walk(tree, git)) {
    if (entry === false) return false;
    const { inner, type } = entry;
    if (type !== constants.S_IFREG && type !== constants.S_IFDIR) return false;
    const place = placeIn(inner);
    const isRegular = type === constants.S_IFREG;
    if (place === 'structure' ? isRegular : place !== 'free' && !isRegular) return false;
    if (place === 'never' || place === 'todo' || place === 'strategy') return false;
    if (place === 'hook' && !inner.at(-1)?.endsWith('.sample')) return false;
    if (place === 'commondir') return false;
    if (place === 'config') configs.push([...git, ...inner]);
    if (inner.length === 3 && inner[0] === 'worktrees' && inner[2] === 'commondir') {
      const text = readIfThere(tree, [...git, ...inner]);
      if (text === undefined || !isCommonDir(text)) return false;
    }
  }
  const contents = configs.map((path) => readIfThere(tree, path));
  if (contents.some((bytes) => bytes === undefined || harmIn(undefined, bytes, git, guestRoot) !== undefined))
    return false;
  for (const [index, path] of configs.entries()) {
    const found = statIfThere(tree, path);
    const bytes = contents[index];
    if (bytes !== undefined && found !== undefined && isFile(found))
      writeNew(tree, path, bytes, found, stands);
  }
  return true;
}
