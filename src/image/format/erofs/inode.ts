import { damaged } from './source.ts';
import type { Erofs } from './superblock.ts';

export type Layout = 'plain' | 'inline' | 'compressed-full' | 'compressed-compact' | 'chunks';

export interface Inode {
  nid: number;
  /** Type and permission bits, as in stat(2). */
  mode: number;
  uid: number;
  gid: number;
  /** Bytes. */
  size: number;
  links: number;
  layout: Layout;
  /** First block of the content; the device's number; by layout and type. */
  start: number;
  /** It has extended attributes, such as file capabilities or access control lists. */
  hasAttributes: boolean;
  /** Byte behind the inode and its attributes: where inline content and indexes are. */
  end: number;
}

const layouts: readonly (Layout | undefined)[] = [
  'plain',
  'compressed-full',
  'inline',
  'compressed-compact',
  'chunks',
];

export const fileType = (mode: number): number => mode & 0o170000;
export const DIRECTORY = 0o040000;
export const REGULAR = 0o100000;
export const SYMLINK = 0o120000;

/** Throws IMAGE_INVALID. */
export function readInode(erofs: Erofs, nid: number): Inode {
  const { source } = erofs;
  const at = erofs.inodesAt + nid * 32;
  const format = source.read(at, 2).readUInt16LE();
  const extended = (format & 1) === 1;
  const layout = layouts[(format >> 1) & 7];
  if (layout === undefined || format >> 4 !== 0) {
    throw damaged(source, `inode ${nid} has the unknown format 0x${format.toString(16)}`);
  }
  const bytes = source.read(at, extended ? 64 : 32);
  const attributeCount = bytes.readUInt16LE(2);
  const size = extended ? Number(bytes.readBigUInt64LE(8)) : bytes.readUInt32LE(8);
  if (!Number.isSafeInteger(size)) throw damaged(source, `inode ${nid} is larger than a file can be`);
  return {
    nid,
    mode: bytes.readUInt16LE(4),
    uid: extended ? bytes.readUInt32LE(24) : bytes.readUInt16LE(24),
    gid: extended ? bytes.readUInt32LE(28) : bytes.readUInt16LE(26),
    size,
    links: extended ? bytes.readUInt32LE(44) : bytes.readUInt16LE(6),
    layout,
    start: bytes.readUInt32LE(16),
    hasAttributes: attributeCount !== 0,
    end: at + bytes.length + (attributeCount === 0 ? 0 : 12 + 4 * (attributeCount - 1)),
  };
}
