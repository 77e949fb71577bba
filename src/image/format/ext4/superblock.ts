import { EXTRA_SIZE, JOURNAL_INODE, oneExtent } from './inodes.ts';
import { BLOCK, FIRST_INODE, INODE_SIZE, type Layout } from './layout.ts';

const COMPAT = { hasJournal: 0x4, extAttr: 0x8, dirIndex: 0x20 };
const INCOMPAT = { filetype: 0x2, extents: 0x40 };
const RO_COMPAT = {
  sparseSuper: 0x1,
  largeFile: 0x2,
  hugeFile: 0x8,
  gdtCsum: 0x10,
  dirNlink: 0x20,
  extraIsize: 0x40,
};
const all = (flags: Record<string, number>): number => Object.values(flags).reduce((a, b) => a | b, 0);

export interface Ext4Identity {
  /** 16 bytes. */
  uuid: Buffer;
  label: string;
  nowSeconds: number;
}

/** The 1024 bytes of the superblock as group `group` holds it. */
export function superblock(layout: Layout, identity: Ext4Identity, group: number): Buffer {
  const b = Buffer.alloc(1024);
  const { nowSeconds: now } = identity;
  const free = layout.groups.reduce((sum, g) => sum + g.blocks - g.used, 0);
  const inodes = layout.groups.length * layout.inodesPerGroup;
  b.writeUInt32LE(inodes, 0x00);
  b.writeUInt32LE(layout.blocks, 0x04);
  b.writeUInt32LE(free, 0x0c);
  b.writeUInt32LE(inodes - FIRST_INODE, 0x10);
  // Block and cluster size as powers of two above 1024.
  b.writeUInt32LE(2, 0x18);
  b.writeUInt32LE(2, 0x1c);
  b.writeUInt32LE(8 * BLOCK, 0x20);
  b.writeUInt32LE(8 * BLOCK, 0x24);
  b.writeUInt32LE(layout.inodesPerGroup, 0x28);
  b.writeUInt32LE(now, 0x30);
  // Never a check because of the number of mounts.
  b.writeUInt16LE(0xffff, 0x36);
  b.writeUInt16LE(0xef53, 0x38);
  // Clean; carry on after errors.
  b.writeUInt16LE(1, 0x3a);
  b.writeUInt16LE(1, 0x3c);
  b.writeUInt32LE(now, 0x40);
  // Revision 1: sizes of inodes and the feature flags count.
  b.writeUInt32LE(1, 0x4c);
  b.writeUInt32LE(FIRST_INODE, 0x54);
  b.writeUInt16LE(INODE_SIZE, 0x58);
  b.writeUInt16LE(group, 0x5a);
  b.writeUInt32LE(all(COMPAT), 0x5c);
  b.writeUInt32LE(all(INCOMPAT), 0x60);
  b.writeUInt32LE(all(RO_COMPAT), 0x64);
  identity.uuid.copy(b, 0x68);
  b.write(identity.label, 0x78, 16, 'utf8');
  b.writeUInt32LE(JOURNAL_INODE, 0xe0);
  // The seed of directory hashes, half-MD4 of signed characters: any value, the same for the same UUID.
  identity.uuid.copy(b, 0xec);
  b.writeUInt8(1, 0xfc);
  b.writeUInt32LE(1, 0x160);
  // A copy of the journal's inode, for e2fsck: type 1, then i_block and the size.
  b.writeUInt8(1, 0xfd);
  oneExtent(layout.journalBlock, layout.journalBlocks).copy(b, 0x10c);
  b.writeUInt32LE(layout.journalBlocks * BLOCK, 0x10c + 16 * 4);
  // Mount with user_xattr and acl.
  b.writeUInt32LE(0xc, 0x100);
  b.writeUInt32LE(now, 0x108);
  b.writeUInt16LE(EXTRA_SIZE, 0x15c);
  b.writeUInt16LE(EXTRA_SIZE, 0x15e);
  return b;
}

/** The journal's superblock (jbd2, version 2, big-endian): an empty log. */
export function journalSuperblock(layout: Layout): Buffer {
  const b = Buffer.alloc(1024);
  b.writeUInt32BE(0xc03b3998, 0x00);
  b.writeUInt32BE(4, 0x04);
  b.writeUInt32BE(BLOCK, 0x0c);
  b.writeUInt32BE(layout.journalBlocks, 0x10);
  b.writeUInt32BE(1, 0x14);
  b.writeUInt32BE(1, 0x18);
  b.writeUInt32BE(1, 0x40);
  return b;
}
