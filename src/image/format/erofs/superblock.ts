import { type ByteSource, damaged } from './source.ts';

/**
 * A reader of EROFS, the read-only file system of images: just what `verify` needs, for bytes that nobody
 * vouches for. Written from the format's description: the kernel's Documentation/filesystems/erofs.rst and
 * the structures of fs/erofs/erofs_fs.h.
 */
export interface Erofs {
  source: ByteSource;
  /** Bytes; always 4096 here, as the kernels that mvm boots have pages of that size. */
  blockSize: number;
  /** Byte at which inode 0 would begin. */
  inodesAt: number;
  rootNid: number;
  /** LZ4 data ends at the end of its blocks, with zeros in front. */
  zeroPadded: boolean;
}

const SUPERBLOCK_AT = 1024;
const MAGIC = 0xe0f5e1e2;
const BLOCK_BITS = 12;
const ZERO_PADDING = 0x01;
/**
 * Features that change how file content is laid out, or nothing: directories and inodes stay readable. What a
 * file's content needs of them is checked where it is read.
 */
const READABLE = 0x7f;

/** Throws IMAGE_INVALID if the source is not an EROFS, or is one that can't be read here. */
export function openErofs(source: ByteSource): Erofs {
  if (source.size < SUPERBLOCK_AT + 128) throw damaged(source, 'it is not an EROFS: too short');
  const block = Buffer.from(source.read(SUPERBLOCK_AT, 128));
  if (block.readUInt32LE(0) !== MAGIC)
    throw damaged(source, 'it is not an EROFS: the magic number is missing');
  if (block[12] !== BLOCK_BITS) throw damaged(source, `its block size is not ${1 << BLOCK_BITS} bytes`);
  const features = block.readUInt32LE(80);
  if ((features & ~READABLE) !== 0) {
    throw damaged(source, `it has features that mvmctl can't read (0x${(features >>> 0).toString(16)})`);
  }
  if (block.readUInt16LE(86) !== 0) throw damaged(source, 'it needs further devices');
  if (block[90] !== 0) throw damaged(source, 'its directory blocks have a size of their own');
  return {
    source,
    blockSize: 1 << BLOCK_BITS,
    inodesAt: block.readUInt32LE(40) * (1 << BLOCK_BITS),
    rootNid: block.readUInt16LE(14),
    zeroPadded: (features & ZERO_PADDING) !== 0,
  };
}
