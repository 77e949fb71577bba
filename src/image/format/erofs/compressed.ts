import { type Cluster, readClusters } from './clusters.ts';
import type { Inode } from './inode.ts';
import { decodeLz4 } from './lz4.ts';
import { damaged } from './source.ts';
import type { Erofs } from './superblock.ts';

/** The content of a compressed inode whose size the caller has limited. Throws IMAGE_INVALID. */
export function readCompressed(erofs: Erofs, inode: Inode): Buffer {
  const { source, blockSize } = erofs;
  const bad = (what: string) => damaged(source, `inode ${inode.nid}: ${what}`);
  const clusters = readClusters(erofs, inode);
  const startOf = (cluster: Cluster) => cluster.index * blockSize + cluster.offset;
  // The last cluster may have a beginning where the content ends: nothing begins there.
  const heads = clusters.filter((cluster) => cluster.kind !== 'rest' && startOf(cluster) < inode.size);
  const parts: Buffer[] = [];
  heads.forEach((head, i) => {
    const next = heads[i + 1];
    const from = startOf(head);
    const length = (next === undefined ? inode.size : startOf(next)) - from;
    if (i === 0 && from !== 0) throw bad('its content has no beginning');
    if (length <= 0) throw bad('its pieces overlap');
    parts.push(decode(erofs, head, length, bad));
  });
  if (parts.length === 0) throw bad('it has no content');
  return Buffer.concat(parts);
}

function decode(erofs: Erofs, head: Cluster, length: number, bad: (what: string) => Error): Buffer {
  const { source, blockSize } = erofs;
  const bytes = source.read(head.block * blockSize, head.blocks * blockSize);
  if (head.kind === 'stored') {
    if (length > blockSize) throw bad('a piece that is not compressed is longer than a block');
    return Buffer.from(bytes.subarray(0, length));
  }
  let begin = 0;
  if (erofs.zeroPadded) while (begin < blockSize && bytes[begin] === 0) begin++;
  const out = decodeLz4(bytes.subarray(begin), length);
  if (out === undefined) throw bad('a piece does not decompress');
  return out;
}
