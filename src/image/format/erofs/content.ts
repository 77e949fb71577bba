import { readCompressed } from './compressed.ts';
import type { Inode } from './inode.ts';
import { damaged } from './source.ts';
import type { Erofs } from './superblock.ts';

/**
 * A file's whole content, a link's target, a directory's blocks. Throws IMAGE_INVALID for damage, for more
 * than `limit` bytes, and for a layout that is not read here.
 */
export function readContent(erofs: Erofs, inode: Inode, limit: number): Buffer {
  const { source, blockSize } = erofs;
  const { nid, size } = inode;
  if (size > limit)
    throw damaged(source, `inode ${nid} has ${size} bytes where at most ${limit} are expected`);
  if (size === 0) return Buffer.alloc(0);
  switch (inode.layout) {
    case 'plain':
      return Buffer.from(source.read(inode.start * blockSize, size));
    case 'inline': {
      // Whole blocks lie elsewhere, the rest behind the inode, in one block with it.
      const whole = size % blockSize === 0 ? size - blockSize : size - (size % blockSize);
      const tail = size - whole;
      if ((inode.end % blockSize) + tail > blockSize) {
        throw damaged(source, `the content of inode ${nid} crosses the end of its block`);
      }
      const head = whole === 0 ? Buffer.alloc(0) : Buffer.from(source.read(inode.start * blockSize, whole));
      return Buffer.concat([head, source.read(inode.end, tail)]);
    }
    case 'compressed-full':
    case 'compressed-compact':
      return readCompressed(erofs, inode);
    default:
      throw damaged(source, `inode ${nid} is stored in chunks, which mvmctl does not read`);
  }
}
