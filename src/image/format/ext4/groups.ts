import { crc16 } from './crc16.ts';
import { BLOCK, DESCRIPTOR_SIZE, FIRST_INODE, type Group, type Layout } from './layout.ts';

/** bg_flags: the inode bitmap, the block bitmap need no reading; the inode table reads as zeros. */
const INODE_UNINIT = 1;
const BLOCK_UNINIT = 2;
const INODE_ZEROED = 4;

const CHECKSUM_AT = 0x1e;

/** Groups with written bitmaps: the first, which is in use, and the last, which may be short. */
export const hasBitmaps = (layout: Layout, group: Group): boolean =>
  group.index === 0 || group.index === layout.groups.length - 1;

/** The table of group descriptors, with their checksums (gdt_csum). */
export function groupDescriptors(layout: Layout, uuid: Buffer): Buffer {
  const table = Buffer.alloc(layout.descriptorBlocks * BLOCK);
  for (const group of layout.groups) {
    const at = group.index * DESCRIPTOR_SIZE;
    const usedInodes = group.index === 0 ? FIRST_INODE : 0;
    const blockFlag = hasBitmaps(layout, group) ? 0 : BLOCK_UNINIT;
    const inodeFlag = group.index === 0 ? 0 : INODE_UNINIT;
    table.writeUInt32LE(group.blockBitmap, at);
    table.writeUInt32LE(group.inodeBitmap, at + 4);
    table.writeUInt32LE(group.inodeTable, at + 8);
    table.writeUInt16LE(group.blocks - group.used, at + 12);
    table.writeUInt16LE(layout.inodesPerGroup - usedInodes, at + 14);
    table.writeUInt16LE(group.index === 0 ? 2 : 0, at + 16);
    table.writeUInt16LE(INODE_ZEROED | blockFlag | inodeFlag, at + 18);
    table.writeUInt16LE(layout.inodesPerGroup - usedInodes, at + 28);
    const index = Buffer.alloc(4);
    index.writeUInt32LE(group.index);
    const covered = Buffer.concat([uuid, index, table.subarray(at, at + CHECKSUM_AT)]);
    table.writeUInt16LE(crc16(covered), at + CHECKSUM_AT);
  }
  return table;
}

/** A bitmap block: the first `used` bits set, and all from `valid` on, which stand for nothing. */
function bitmap(used: number, valid: number): Buffer {
  const bits = Buffer.alloc(BLOCK);
  const set = (from: number, to: number) => {
    for (let i = from; i < to; i++) bits[i >> 3] = (bits[i >> 3] ?? 0) | (1 << (i & 7));
  };
  set(0, used);
  set(valid, BLOCK * 8);
  return bits;
}

export const blockBitmap = (group: Group): Buffer => bitmap(group.used, group.blocks);

export const inodeBitmap = (layout: Layout, group: Group): Buffer =>
  bitmap(group.index === 0 ? FIRST_INODE : 0, layout.inodesPerGroup);
