import { systemCode } from '../../errors/mvm-error.ts';
import { type ByteSource, fileSource } from '../format/erofs/source.ts';
import { BLOCK, readVeritySuperblock } from '../format/verity/superblock.ts';
import { HashTree, treeLevels } from '../format/verity/tree.ts';
import type { Verity } from '../image-json.ts';
import { type Check, count, Findings } from './check.ts';

/**
 * Recomputes the hash tree of a root while it is read, and compares it with the stored one. `add` gets the root in
 * its order, `finish` gives the result; `finish` must be called.
 */
export class RootHash {
  readonly #found = new Findings();
  readonly #verity: Verity;
  readonly #stored: ByteSource | undefined;
  readonly #tree: HashTree | undefined;
  #size = 0;
  #wrong = 0;

  /** @param path of the stored tree */
  constructor(path: string, verity: Verity) {
    this.#verity = verity;
    this.#stored = openTree(path);
    if (this.#stored === undefined) {
      this.#found.fail('rootfs.verity is missing');
      return;
    }
    const stored = this.#stored;
    const { dataBlocks, salt } = verity;
    const header = readVeritySuperblock(Buffer.from(stored.read(0, Math.min(BLOCK, stored.size))));
    if (typeof header === 'string') this.#found.fail(`rootfs.verity: ${header}`);
    else if (header.dataBlocks !== dataBlocks || header.salt !== salt) {
      this.#found.fail(
        'rootfs.verity is for other data: its salt or its number of blocks is not image.json’s',
      );
    }
    const blocks = 1 + treeLevels(dataBlocks).reduce((sum, level) => sum + level.blocks, 0);
    if (stored.size !== blocks * BLOCK) {
      this.#found.fail(
        `rootfs.verity has ${stored.size} bytes; a tree for ${dataBlocks} blocks has ${blocks * BLOCK}`,
      );
    }
    this.#tree = new HashTree(dataBlocks, Buffer.from(salt, 'hex'), (block, at) => this.#compare(block, at));
  }

  add(bytes: Buffer): void {
    this.#size += bytes.length;
    // Bytes behind the last whole block are found by the size.
    for (let at = 0; at + BLOCK <= bytes.length; at += BLOCK) this.#tree?.add(bytes.subarray(at, at + BLOCK));
  }

  finish(): Check {
    this.#stored?.close();
    const { dataBlocks, rootHash } = this.#verity;
    if (this.#size !== dataBlocks * BLOCK) {
      this.#found.fail(`rootfs.erofs has ${this.#size} bytes; ${dataBlocks} blocks are verified`);
    }
    if (this.#wrong > 0) {
      this.#found.fail(
        `${count(this.#wrong, 'block')} of rootfs.verity ${this.#wrong === 1 ? 'is' : 'are'} not what rootfs.erofs hashes to`,
      );
    }
    const root = this.#tree?.root;
    if (root !== undefined && root !== rootHash) {
      this.#found.fail(`the root hash is ${root}; image.json says ${rootHash}`);
    }
    return this.#found.check(
      'verity',
      `hashes of ${count(dataBlocks, 'block')}, root hash ${rootHash.slice(0, 12)}…`,
    );
  }

  #compare(block: Buffer, at: number): void {
    const stored = this.#stored;
    if (stored === undefined) return;
    const there = (at + 1) * BLOCK <= stored.size;
    if (!there || !stored.read(at * BLOCK, BLOCK).equals(block)) this.#wrong++;
  }
}

function openTree(path: string): ByteSource | undefined {
  try {
    return fileSource(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
