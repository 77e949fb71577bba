import { createHash, type Hash } from 'node:crypto';
import { BLOCK, DIGEST } from './superblock.ts';

const PER_BLOCK = BLOCK / DIGEST;

export interface Level {
  /** Blocks of hashes in it. */
  blocks: number;
  /** The first one's place, in blocks from the beginning of the file. */
  at: number;
}

/**
 * Where the hashes of `dataBlocks` blocks lie: the level of the data's own hashes first, the one block above
 * all last; in the file the order is the other way round, behind the superblock. One block needs no tree.
 */
export function treeLevels(dataBlocks: number): Level[] {
  const counts: number[] = [];
  for (let below = dataBlocks; below > 1; below = counts.at(-1) ?? 1) {
    counts.push(Math.ceil(below / PER_BLOCK));
  }
  let at = 1;
  const levels = counts.reverse().map((blocks) => {
    const level = { blocks, at };
    at += blocks;
    return level;
  });
  return levels.reverse();
}

/**
 * Builds the hash tree of data that is given block by block; memory is one block for each level.
 * `finished` gets each block of the tree when it is complete, with its place in the file, in blocks.
 */
export class HashTree {
  readonly levels: Level[];
  readonly #salted: Hash;
  readonly #dataBlocks: number;
  readonly #finished: (block: Buffer, at: number) => void;
  readonly #open: { block: Buffer; used: number; done: number }[];
  #seen = 0;
  #root: string | undefined;

  constructor(dataBlocks: number, salt: Buffer, finished: (block: Buffer, at: number) => void) {
    this.levels = treeLevels(dataBlocks);
    this.#dataBlocks = dataBlocks;
    this.#salted = createHash('sha256').update(salt);
    this.#finished = finished;
    this.#open = this.levels.map(() => ({ block: Buffer.alloc(BLOCK), used: 0, done: 0 }));
  }

  /** The next block of data. What comes behind the last one is left out. */
  add(block: Buffer): void {
    if (this.#seen === this.#dataBlocks) return;
    this.#seen++;
    this.#put(0, this.#digest(block));
    if (this.#seen !== this.#dataBlocks) return;
    // The last block of each level is not full.
    for (const [level, { used }] of this.#open.entries()) if (used > 0) this.#flush(level);
  }

  /** The hash above all, in hex; undefined before the last block. */
  get root(): string | undefined {
    return this.#root;
  }

  #digest(block: Buffer): Buffer {
    return this.#salted.copy().update(block).digest();
  }

  #put(level: number, digest: Buffer): void {
    const open = this.#open[level];
    if (open === undefined) {
      this.#root = digest.toString('hex');
      return;
    }
    digest.copy(open.block, open.used);
    open.used += DIGEST;
    if (open.used === BLOCK) this.#flush(level);
  }

  #flush(level: number): void {
    const open = this.#open[level];
    const place = this.levels[level];
    if (open === undefined || place === undefined) return;
    this.#finished(open.block, place.at + open.done);
    const digest = this.#digest(open.block);
    open.block.fill(0);
    open.used = 0;
    open.done++;
    this.#put(level + 1, digest);
  }
}
