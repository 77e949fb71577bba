import { closeSync, constants, fstatSync, readSync } from 'node:fs';
import { systemCode } from '../../errors/mvm-error.ts';
import type { Attributes, Names, Tree } from '../tree/tree.ts';

export const typeOf = (mode: number): number => mode & constants.S_IFMT;
export const isFolder = (found: Attributes | undefined): boolean =>
  found !== undefined && typeOf(found.mode) === constants.S_IFDIR;
export const isFile = (found: Attributes | undefined): boolean =>
  found !== undefined && typeOf(found.mode) === constants.S_IFREG;

/** undefined where nothing has this name. */
export function statIfThere(tree: Tree, path: Names): Attributes | undefined {
  try {
    return tree.stat(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
}

/** So long may a file be that is read to be checked. */
export const longest = 1 << 20;

/** The bytes of a regular file; undefined where there is none, or it is longer than `longest`. */
export function readIfThere(tree: Tree, path: Names): Buffer | undefined {
  if (!isFile(statIfThere(tree, path))) return undefined;
  const fd = tree.open(path, 'read');
  try {
    return readFrom(fd);
  } finally {
    closeSync(fd);
  }
}

/** All of it, or undefined where it is longer than `longest`. */
export function readFrom(fd: number): Buffer | undefined {
  const { size } = fstatSync(fd);
  if (size > longest) return undefined;
  const bytes = Buffer.alloc(size);
  let at = 0;
  for (;;) {
    const count = readSync(fd, bytes, at, size - at, at);
    at += count;
    if (count === 0 || at === size) return bytes.subarray(0, at);
  }
}
