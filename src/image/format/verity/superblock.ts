/**
 * The header of a hash tree of dm-verity as `veritysetup` writes it (cryptsetup's on-disk format 1:
 * docs/on-disk-format-verity in its wiki): 512 bytes at the beginning of the hash area, the tree in the next block.
 */
export interface VeritySuperblock {
  dataBlocks: number;
  /** Hex. */
  salt: string;
}

/** Bytes in a block, of data and of hashes. */
export const BLOCK = 4096;
export const DIGEST = 32;

/** Reads the first block of a hash tree's file; otherwise why it is none that images have. */
export function readVeritySuperblock(block: Buffer): VeritySuperblock | string {
  if (block.length !== BLOCK) return 'it is too short for a superblock';
  if (block.toString('latin1', 0, 8) !== 'verity\0\0') return 'it has no superblock of dm-verity';
  if (block.readUInt32LE(8) !== 1) return `its superblock has version ${block.readUInt32LE(8)}, not 1`;
  if (block.readUInt32LE(12) !== 1) return `its hashes are of type ${block.readUInt32LE(12)}, not 1`;
  const algorithm = block.toString('latin1', 32, 64).replace(/\0+$/, '');
  if (algorithm !== 'sha256') return `its hashes are made with '${algorithm}', not sha256`;
  if (block.readUInt32LE(64) !== BLOCK || block.readUInt32LE(68) !== BLOCK) {
    return `its blocks are of ${block.readUInt32LE(64)} and ${block.readUInt32LE(68)} bytes, not ${BLOCK}`;
  }
  const dataBlocks = Number(block.readBigUInt64LE(72));
  if (!Number.isSafeInteger(dataBlocks) || dataBlocks < 1) return `it is for ${dataBlocks} blocks`;
  const saltSize = block.readUInt16LE(80);
  if (saltSize > 256) return `its salt has ${saltSize} bytes`;
  // What has no meaning is zero: nothing can hide there.
  if (block.subarray(82, 88).some(Boolean) || block.subarray(88 + saltSize).some(Boolean)) {
    return 'there are bytes where its superblock has none';
  }
  return { dataBlocks, salt: block.toString('hex', 88, 88 + saltSize) };
}
