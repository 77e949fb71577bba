import { setImmediate } from 'node:timers/promises';
import { readContent } from './content.ts';
import { readDirectory } from './directory.ts';
import { DIRECTORY, fileType, type Inode, readInode, SYMLINK } from './inode.ts';
import { damaged } from './source.ts';
import type { Erofs } from './superblock.ts';

export interface Found {
  /** From the root, with a slash in front: `/etc/passwd`; the root itself is `/`. */
  path: string;
  inode: Inode;
}

/** The kernel's limit for a path, and for a link's target. */
const LONGEST_PATH = 4096;
/** Ten times what a large image has. */
const MOST_NAMES = 3_000_000;
/** Between two looks at whether anybody still waits. */
const STEP = 2000;

/**
 * Visits all that is in the file system, each name once; folders before what is in them. What it does is bounded
 * by the size of the source: a folder is entered once, and all folders together can't be larger than the source.
 * @throws MvmError IMAGE_INVALID for damage, for a folder that lies in two places; the signal's reason
 */
export async function walk(erofs: Erofs, signal: AbortSignal, visit: (found: Found) => void): Promise<void> {
  const { source } = erofs;
  const entered = new Set<number>();
  let room = source.size;
  let visited = 0;
  let found = 0;
  const pending: Found[] = [{ path: '/', inode: readInode(erofs, erofs.rootNid) }];
  if (fileType((pending[0] as Found).inode.mode) !== DIRECTORY)
    throw damaged(source, 'its root is not a folder');
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { path, inode } = next;
    visit(next);
    if (++visited % STEP === 0) {
      await setImmediate();
      signal.throwIfAborted();
    }
    if (fileType(inode.mode) !== DIRECTORY) continue;
    if (entered.has(inode.nid)) throw damaged(source, `the folder ${path} appears in two places`);
    entered.add(inode.nid);
    const entries = readDirectory(erofs, inode, room);
    room -= inode.size;
    found += entries.length;
    if (found > MOST_NAMES) throw damaged(source, `it has more than ${MOST_NAMES} files`);
    const names = new Set<string>();
    for (const { name, nid } of entries.reverse()) {
      const child = path === '/' ? `/${name}` : `${path}/${name}`;
      if (names.has(name)) throw damaged(source, `${child} is there twice`);
      names.add(name);
      if (child.length > LONGEST_PATH) throw damaged(source, `a path is too long: ${child.slice(0, 80)}…`);
      pending.push({ path: child, inode: readInode(erofs, nid) });
    }
  }
}

/** Where a symbolic link points. Throws IMAGE_INVALID. */
export function readLink(erofs: Erofs, inode: Inode): string {
  if (fileType(inode.mode) !== SYMLINK)
    throw damaged(erofs.source, `inode ${inode.nid} is not a symbolic link`);
  return readContent(erofs, inode, LONGEST_PATH).toString('utf8');
}
