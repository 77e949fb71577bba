import type { Inode } from './inode.ts';
import { damaged } from './source.ts';
import type { Erofs } from './superblock.ts';

/** One logical cluster (4096 bytes of content): where a compressed piece begins, or what follows of one. */
export interface Cluster {
  index: number;
  kind: 'stored' | 'lz4' | 'rest';
  /** Where in the cluster the piece begins. */
  offset: number;
  /** The piece's first block on disk, and how many it takes. */
  block: number;
  blocks: number;
}

interface Raw {
  type: number;
  /** Of a beginning: its offset. Of the rest: how far back the beginning is, or the piece's block count. */
  low: number;
  block: number;
}

const BIG_PIECES = 0x0002;
const TWO_BYTES = 0x0001;
const ROTATED = 0x0010;
/** Last pieces that are stored behind the inode, or among other files' in an inode of their own. */
const ELSEWHERE = 0x0008 | 0x0020;
const REST = 2;
const COUNT = 1 << 11;

/** The clusters of a compressed inode. Throws IMAGE_INVALID. */
export function readClusters(erofs: Erofs, inode: Inode): Cluster[] {
  const { source, blockSize } = erofs;
  const bad = (what: string) => damaged(source, `inode ${inode.nid} ${what}`);
  const headerAt = Math.ceil(inode.end / 8) * 8;
  const header = source.read(headerAt, 8);
  const advise = header.readUInt16LE(4);
  if (((header[7] ?? 0) & 0x80) !== 0 || (advise & (ELSEWHERE | ROTATED)) !== 0) {
    throw bad('shares its content with other files, which mvmctl does not read');
  }
  if (((header[7] ?? 0) & 7) !== 0) throw bad('has clusters of more than 4096 bytes');
  const algorithm = (header[6] ?? 0) & 15;
  const big = (advise & BIG_PIECES) !== 0;
  const count = Math.ceil(inode.size / blockSize);
  const raws =
    inode.layout === 'compressed-full'
      ? fullIndexes(erofs, headerAt + 16, count)
      : compactIndexes(erofs, headerAt + 8, count, { big, twoBytes: (advise & TWO_BYTES) !== 0 });
  return raws.map((raw, index) => {
    if (raw.type === REST) return { index, kind: 'rest', offset: 0, block: 0, blocks: 0 };
    if (raw.type > REST) throw bad('uses a second compression');
    if (raw.type === 1 && algorithm !== 0) throw bad(`is compressed with algorithm ${algorithm}, not LZ4`);
    if (raw.low >= blockSize) throw bad('has a piece that begins outside its cluster');
    const next = raws[index + 1];
    const blocks = big && raw.type === 1 && next !== undefined ? countOf(next) : 1;
    // The kernel's limit for a piece on disk is 1 MiB.
    if (blocks < 1 || blocks > 256) throw bad(`has a piece of ${blocks} blocks`);
    return { index, kind: raw.type === 0 ? 'stored' : 'lz4', offset: raw.low, block: raw.block, blocks };
  });
}

/** How many blocks the piece takes whose second cluster this is. */
function countOf(second: Raw): number {
  return second.type === REST && (second.low & COUNT) !== 0 ? second.low & ~COUNT : 1;
}

/** Eight bytes for each cluster. */
function fullIndexes({ source }: Erofs, at: number, count: number): Raw[] {
  const bytes = source.read(at, count * 8);
  return Array.from({ length: count }, (_, i) => {
    const type = bytes.readUInt16LE(i * 8) & 3;
    const low = type === REST ? bytes.readUInt16LE(i * 8 + 4) : bytes.readUInt16LE(i * 8 + 2);
    return { type, low, block: bytes.readUInt32LE(i * 8 + 4) };
  });
}

/**
 * Packs of 2 clusters in 8 bytes, and from the first 32-byte boundary on packs of 16 in 32 where that is
 * asked for: fields of 14 or 16 bits, then the number of a block from which those of the pack are counted.
 */
function compactIndexes(
  { source }: Erofs,
  start: number,
  count: number,
  { big, twoBytes }: { big: boolean; twoBytes: boolean },
): Raw[] {
  const first = ((32 - (start % 32)) % 32) / 4;
  const middle = twoBytes && first < count ? Math.floor((count - first) / 16) * 16 : 0;
  const raws: Raw[] = [];
  let at = start;
  while (raws.length < count) {
    const inMiddle = raws.length >= first && raws.length < first + middle;
    const [size, clusters] = inMiddle ? [32, 16] : [8, 2];
    const pack = source.read(at, size);
    at += size;
    const bits = ((size - 4) * 8) / clusters;
    const fields = Array.from({ length: clusters }, (_, i) => bitsAt(pack, i * bits, bits));
    let block = pack.readUInt32LE(size - 4);
    fields.forEach((field, i) => {
      const raw = { type: (field >> 12) & 3, low: field & 0xfff, block: 0 };
      if (raw.type !== REST) {
        if (!big) block++;
        raw.block = block;
        const next = fields[i + 1];
        if (big) {
          // A count that is in the next pack is added there.
          block += next !== undefined && ((next >> 12) & 3) === REST && (next & COUNT) !== 0 ? 0 : 1;
        }
      } else if (big && (raw.low & COUNT) !== 0) {
        block += raw.low & ~COUNT & 0xfff;
      }
      if (raws.length < count) raws.push(raw);
    });
  }
  return raws;
}

function bitsAt(bytes: Buffer, bit: number, length: number): number {
  let value = 0;
  for (let i = 0; i < length; i++) {
    const at = bit + i;
    value |= (((bytes[at >> 3] ?? 0) >> (at & 7)) & 1) << i;
  }
  return value;
}
