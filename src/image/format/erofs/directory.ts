import { readContent } from './content.ts';
import type { Inode } from './inode.ts';
import { damaged } from './source.ts';
import type { Erofs } from './superblock.ts';

export interface DirectoryEntry {
  name: string;
  nid: number;
}

const ENTRY = 12;

/**
 * A directory's entries, without `.` and `..`. Names are UTF-8; bytes that are none are replaced.
 * @param limit bytes it may have
 * @throws MvmError IMAGE_INVALID
 */
export function readDirectory(erofs: Erofs, inode: Inode, limit: number): DirectoryEntry[] {
  const { source, blockSize } = erofs;
  const bad = (what: string) => damaged(source, `the directory with inode ${inode.nid} ${what}`);
  if (inode.layout !== 'plain' && inode.layout !== 'inline') {
    throw bad('is compressed, which mvmctl does not read');
  }
  const content = readContent(erofs, inode, limit);
  const entries: DirectoryEntry[] = [];
  for (let at = 0; at < content.length; at += blockSize) {
    const block = content.subarray(at, at + blockSize);
    if (block.length < ENTRY) throw bad('is cut off');
    // Entries come first, their names behind them: where the first name is tells how many there are.
    const namesAt = block.readUInt16LE(8);
    const count = namesAt / ENTRY;
    if (namesAt === 0 || namesAt % ENTRY !== 0 || namesAt > block.length) throw bad('has a damaged block');
    for (let i = 0; i < count; i++) {
      const begin = block.readUInt16LE(i * ENTRY + 8);
      const last = i + 1 === count;
      let end = last ? block.length : block.readUInt16LE((i + 1) * ENTRY + 8);
      if (begin < namesAt || begin >= end || end > block.length) throw bad('has a name outside its block');
      if (last) {
        const zero = block.indexOf(0, begin);
        if (zero !== -1) end = zero;
      }
      const raw = block.subarray(begin, end);
      if (raw.length === 0 || raw.length > 255 || raw.includes(0) || raw.includes(0x2f)) {
        throw bad('has a name that no file can have');
      }
      const name = raw.toString('utf8');
      const nid = Number(block.readBigUInt64LE(i * ENTRY));
      if (name !== '.' && name !== '..') entries.push({ name, nid });
    }
  }
  return entries;
}
