import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { BLOCK, readVeritySuperblock } from './superblock.ts';
import { HashTree, treeLevels } from './tree.ts';

const dir = mkdtempSync(join(tmpdir(), 'mvm-verity-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const salt = '5a'.repeat(32);

/** What veritysetup makes of the data. */
function veritysetup(data: Buffer): { file: Buffer; root: string } {
  const [from, to] = [join(dir, 'data'), join(dir, 'tree')];
  writeFileSync(from, data);
  rmSync(to, { force: true });
  const made = spawnSync('veritysetup', ['format', from, to, '--salt', salt], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`veritysetup: ${made.error?.message ?? made.stderr}`);
  return { file: readFileSync(to), root: /^Root hash:\s+(\S+)$/m.exec(made.stdout)?.[1] ?? '' };
}

function data(blocks: number): Buffer {
  const bytes = Buffer.alloc(blocks * BLOCK);
  for (let i = 0; i < blocks; i++) bytes.writeUInt32LE((i * 2654435761) % 2 ** 32, i * BLOCK + (i % 4000));
  return bytes;
}

// A block of hashes has room for 128.
test.each([
  1, 2, 127, 128, 129, 300, 16384, 16385,
])('the tree of %i blocks is that of veritysetup', (blocks) => {
  const bytes = data(blocks);
  const { file, root } = veritysetup(bytes);
  const made = Buffer.from(file);
  made.fill(0, BLOCK);
  const tree = new HashTree(blocks, Buffer.from(salt, 'hex'), (block, at) => block.copy(made, at * BLOCK));
  for (let at = 0; at < bytes.length; at += BLOCK) {
    expect(tree.root).toBeUndefined();
    tree.add(bytes.subarray(at, at + BLOCK));
  }
  expect(tree.root).toBe(root);
  expect(made.equals(file)).toBe(true);
  expect((1 + treeLevels(blocks).reduce((sum, level) => sum + level.blocks, 0)) * BLOCK).toBe(file.length);
  expect(readVeritySuperblock(file.subarray(0, BLOCK))).toEqual({ dataBlocks: blocks, salt });
});

test('what comes behind the last block is not hashed', () => {
  const tree = new HashTree(1, Buffer.alloc(0), () => {});
  tree.add(Buffer.alloc(BLOCK));
  const { root } = tree;
  tree.add(Buffer.alloc(BLOCK, 1));
  expect(tree.root).toBe(root);
});

test.each([
  [0, /no superblock/],
  [8, /version 0/],
  [12, /type 0/],
  [32, /not sha256/],
  [64, /blocks are of/],
  [84, /bytes where its superblock has none/],
  [88 + 40, /bytes where its superblock has none/],
  [3000, /bytes where its superblock has none/],
])('a superblock that is changed at %i is refused', (at, why) => {
  const block = Buffer.from(veritysetup(data(3)).file.subarray(0, BLOCK));
  block[at] = (block[at] ?? 0) ^ 1;
  expect(readVeritySuperblock(block)).toMatch(why);
});
