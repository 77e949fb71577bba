import { BLOCK, FIRST_INODE, INODE_SIZE, type Layout, LOST_AND_FOUND_BLOCKS } from './layout.ts';

const ROOT_INODE = 2;
export const JOURNAL_INODE = 8;

const EXTENTS_FLAG = 0x80000;
const EXTENT_MAGIC = 0xf30a;
const DIRECTORY = 2;
/** Bytes of an inode beyond the first 128 that have a meaning. */
export const EXTRA_SIZE = 32;

/** i_block of a file that is one run of blocks: an extent header and one extent. */
export function oneExtent(first: number, blocks: number): Buffer {
  const tree = Buffer.alloc(60);
  tree.writeUInt16LE(EXTENT_MAGIC, 0);
  tree.writeUInt16LE(1, 2);
  tree.writeUInt16LE(4, 4);
  tree.writeUInt16LE(blocks, 16);
  tree.writeUInt32LE(first, 20);
  return tree;
}

function inode(mode: number, links: number, first: number, blocks: number, now: number): Buffer {
  const bytes = Buffer.alloc(INODE_SIZE);
  bytes.writeUInt16LE(mode, 0);
  bytes.writeUInt32LE(blocks * BLOCK, 4);
  // Access, change and modification time, and (0x90) creation.
  for (const at of [8, 12, 16, 0x90]) bytes.writeUInt32LE(now, at);
  bytes.writeUInt16LE(links, 26);
  bytes.writeUInt32LE((blocks * BLOCK) / 512, 28);
  bytes.writeUInt32LE(EXTENTS_FLAG, 32);
  oneExtent(first, blocks).copy(bytes, 40);
  bytes.writeUInt16LE(EXTRA_SIZE, 128);
  return bytes;
}

/** The beginning of group 0's inode table: root, journal, lost+found. */
export function inodeTableStart(layout: Layout, now: number): Buffer {
  const table = Buffer.alloc(FIRST_INODE * INODE_SIZE);
  const put = (number: number, bytes: Buffer) => bytes.copy(table, (number - 1) * INODE_SIZE);
  put(ROOT_INODE, inode(0o040755, 3, layout.rootBlock, 1, now));
  put(JOURNAL_INODE, inode(0o100600, 1, layout.journalBlock, layout.journalBlocks, now));
  put(FIRST_INODE, inode(0o040700, 2, layout.lostAndFoundBlock, LOST_AND_FOUND_BLOCKS, now));
  return table;
}

/** One block of directory entries; the last one reaches to the block's end. */
function directoryBlock(entries: readonly (readonly [number, string])[]): Buffer {
  const block = Buffer.alloc(BLOCK);
  let at = 0;
  entries.forEach(([number, name], i) => {
    const length = i === entries.length - 1 ? BLOCK - at : (8 + name.length + 3) & ~3;
    block.writeUInt32LE(number, at);
    block.writeUInt16LE(length, at + 4);
    block.writeUInt8(name.length, at + 6);
    block.writeUInt8(number === 0 ? 0 : DIRECTORY, at + 7);
    block.write(name, at + 8, 'latin1');
    at += length;
  });
  return block;
}

/** The blocks of the root directory and of lost+found, which lie one behind the other. */
export function directoryBlocks(): Buffer {
  return Buffer.concat([
    directoryBlock([
      [ROOT_INODE, '.'],
      [ROOT_INODE, '..'],
      [FIRST_INODE, 'lost+found'],
    ]),
    directoryBlock([
      [FIRST_INODE, '.'],
      [ROOT_INODE, '..'],
    ]),
    ...Array.from({ length: LOST_AND_FOUND_BLOCKS - 1 }, () => directoryBlock([[0, '']])),
  ]);
}
