import { readDirectory } from './directory.ts';
import { DIRECTORY, fileType, type Inode, readInode, SYMLINK } from './inode.ts';
import type { Erofs } from './superblock.ts';
import { readLink } from './walk.ts';

/** As many links as the kernel follows on the way to one file. */
const MOST_LINKS = 40;
/** Bytes a folder on the way may have. */
const LARGEST_FOLDER = 1 << 26;

/** The file at an absolute path, links followed within the file system; undefined where there is none. Throws IMAGE_INVALID. */
export function lookup(erofs: Erofs, path: string): Inode | undefined {
  let links = 0;
  const steps = path.split('/').reverse();
  // The folders on the way, the root first.
  const way: Inode[] = [readInode(erofs, erofs.rootNid)];
  while (steps.length > 0) {
    const step = steps.pop();
    const here = way.at(-1) as Inode;
    if (step === undefined || step === '' || step === '.') continue;
    if (fileType(here.mode) !== DIRECTORY) return undefined;
    if (step === '..') {
      if (way.length > 1) way.pop();
      continue;
    }
    const entry = readDirectory(erofs, here, LARGEST_FOLDER).find(({ name }) => name === step);
    if (entry === undefined) return undefined;
    const inode = readInode(erofs, entry.nid);
    if (fileType(inode.mode) !== SYMLINK) {
      way.push(inode);
      continue;
    }
    if (++links > MOST_LINKS) return undefined;
    const target = readLink(erofs, inode);
    if (target.startsWith('/')) way.splice(1);
    steps.push(...target.split('/').reverse());
  }
  return way.at(-1);
}
