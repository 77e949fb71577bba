/**
 * Where everything lies in a fresh ext4 file system. Formats: Documentation/filesystems/ext4 of the kernel.
 * Blocks are 4 KiB; each group of up to 32768 blocks holds its own bitmaps and inode table (no flex_bg);
 * groups 0, 1 and the powers of 3, 5 and 7 begin with a superblock and the group descriptors.
 */
export const BLOCK = 4096;
export const INODE_SIZE = 256;
export const DESCRIPTOR_SIZE = 32;
/** The first inode that is not reserved; lost+found gets it. */
export const FIRST_INODE = 11;
export const LOST_AND_FOUND_BLOCKS = 4;

const BLOCKS_PER_GROUP = 8 * BLOCK;
const BYTES_PER_INODE = 16384;
const MAX_INODES_PER_GROUP = 8192;
const MIB_BLOCKS = (1024 * 1024) / BLOCK;

/** Below this a journal of the least size jbd2 takes (1024 blocks) would leave little. */
export const MIN_BYTES = 16 * 1024 * 1024;
/** Block numbers have 32 bits, and group 0 has room for this many descriptors besides the journal. */
export const MAX_BYTES = 8 * 2 ** 40;

export interface Group {
  index: number;
  first: number;
  blocks: number;
  backup: boolean;
  blockBitmap: number;
  inodeBitmap: number;
  inodeTable: number;
  /** Blocks taken from the group's start. */
  used: number;
}

export interface Layout {
  blocks: number;
  inodesPerGroup: number;
  tableBlocks: number;
  descriptorBlocks: number;
  groups: Group[];
  rootBlock: number;
  lostAndFoundBlock: number;
  journalBlock: number;
  journalBlocks: number;
}

export function hasBackup(group: number): boolean {
  if (group <= 1) return true;
  return [3, 5, 7].some((base) => {
    let power = base;
    while (power < group) power *= base;
    return power === group;
  });
}

function journalSize(blocks: number): number {
  if (blocks >= 4096 * MIB_BLOCKS) return 64 * MIB_BLOCKS;
  if (blocks >= 512 * MIB_BLOCKS) return 16 * MIB_BLOCKS;
  return 4 * MIB_BLOCKS;
}

/** Inodes of a group fill whole blocks of the inode table and whole bytes of the bitmap. */
function inodesFor(blocksPerGroup: number): number {
  const perBlock = BLOCK / INODE_SIZE;
  const wanted = Math.ceil((blocksPerGroup * BLOCK) / BYTES_PER_INODE / perBlock) * perBlock;
  return Math.min(MAX_INODES_PER_GROUP, wanted);
}

/** `sizeBytes` from MIN_BYTES to MAX_BYTES; what does not fill a block or a useful group stays unused. */
export function layoutExt4(sizeBytes: number): Layout {
  let blocks = Math.floor(sizeBytes / BLOCK);
  const inodesPerGroup = inodesFor(Math.min(blocks, BLOCKS_PER_GROUP));
  const tableBlocks = (inodesPerGroup * INODE_SIZE) / BLOCK;
  let count = Math.ceil(blocks / BLOCKS_PER_GROUP);
  let descriptorBlocks = Math.ceil((count * DESCRIPTOR_SIZE) / BLOCK);
  const overhead = (index: number) => (hasBackup(index) ? 1 + descriptorBlocks : 0) + 2 + tableBlocks;
  const lastBlocks = blocks - (count - 1) * BLOCKS_PER_GROUP;
  if (count > 1 && lastBlocks < overhead(count - 1) + 50) {
    count--;
    blocks = count * BLOCKS_PER_GROUP;
    descriptorBlocks = Math.ceil((count * DESCRIPTOR_SIZE) / BLOCK);
  }
  const groups = Array.from({ length: count }, (_, index): Group => {
    const first = index * BLOCKS_PER_GROUP;
    const blockBitmap = first + (hasBackup(index) ? 1 + descriptorBlocks : 0);
    return {
      index,
      first,
      blocks: Math.min(BLOCKS_PER_GROUP, blocks - first),
      backup: hasBackup(index),
      blockBitmap,
      inodeBitmap: blockBitmap + 1,
      inodeTable: blockBitmap + 2,
      used: overhead(index),
    };
  });
  const rootBlock = overhead(0);
  const lostAndFoundBlock = rootBlock + 1;
  const journalBlock = lostAndFoundBlock + LOST_AND_FOUND_BLOCKS;
  const journalBlocks = journalSize(blocks);
  if (groups[0]) groups[0].used = journalBlock + journalBlocks;
  return {
    blocks,
    inodesPerGroup,
    tableBlocks,
    descriptorBlocks,
    groups,
    rootBlock,
    lostAndFoundBlock,
    journalBlock,
    journalBlocks,
  };
}
