import { createHash } from 'node:crypto';

const block = 4096;
const hashes = block / 32;

/** dm-verity's superblock (format 1, SHA-256), as `veritysetup format` writes it. */
function superblock(dataBlocks: number, salt: Buffer): Buffer {
  const bytes = Buffer.alloc(block);
  bytes.write('verity\0\0', 0, 'latin1');
  bytes.writeUInt32LE(1, 8); // superblock's version
  bytes.writeUInt32LE(1, 12); // hash type
  bytes.write('6d766d000000400080007665726974', 16, 'hex');
  bytes.write('sha256', 32, 'latin1');
  bytes.writeUInt32LE(block, 64);
  bytes.writeUInt32LE(block, 68);
  bytes.writeBigUInt64LE(BigInt(dataBlocks), 72);
  bytes.writeUInt16LE(salt.length, 80);
  salt.copy(bytes, 88);
  return bytes;
}

/** The file `rootfs.verity` of a root, and what image.json says of it. The data's length is whole blocks. */
export function hashTree(data: Buffer, salt: Buffer) {
  const levels: Buffer[] = [];
  let rootHash = '';
  for (let level = data; ; ) {
    const digests: Buffer[] = [];
    for (let at = 0; at < level.length; at += block) {
      digests.push(
        createHash('sha256')
          .update(salt)
          .update(level.subarray(at, at + block))
          .digest(),
      );
    }
    if (levels.length > 0 && digests.length === 1) {
      rootHash = digests[0]?.toString('hex') ?? '';
      break;
    }
    level = Buffer.alloc(Math.ceil(digests.length / hashes) * block);
    Buffer.concat(digests).copy(level);
    levels.unshift(level);
  }
  const dataBlocks = data.length / block;
  return {
    file: Buffer.concat([superblock(dataBlocks, salt), ...levels]),
    verity: { rootHash, salt: salt.toString('hex'), dataBlocks },
  };
}
