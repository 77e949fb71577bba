import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MvmError } from '../../../errors/mvm-error.ts';
import { readContent } from './content.ts';
import { fileType, REGULAR, SYMLINK } from './inode.ts';
import { lookup } from './lookup.ts';
import { bufferSource } from './source.ts';
import { type Erofs, openErofs } from './superblock.ts';
import { makeErofs, type TreeFile } from './tree.fixture.ts';
import { readLink, walk } from './walk.ts';

const signal = new AbortController().signal;
const text = (lines: number) =>
  Array.from({ length: lines }, (_, i) => `line ${i} of ${(i * 7919) % 1009}\n`).join('');

/** Sizes around a block's and a cluster's ends; text, which shrinks, and a program, which does so less. */
const files: Record<string, TreeFile> = {
  empty: { content: '' },
  'etc/passwd': { content: 'root:*:0:0:root:/root:/bin/sh\n' },
  'etc/deep/er/file': { content: 'x' },
  block: { content: Buffer.alloc(4096, 'ab') },
  'block-and-one': { content: Buffer.alloc(4097, 'abc') },
  text: { content: text(20_000), mode: 0o600 },
  zeros: { content: Buffer.alloc(1_000_000) },
  program: { content: readFileSync(process.execPath).subarray(0, 700_000), mode: 0o755 },
  twice: { same: 'text' },
  tmp: { mode: 0o1777 },
  'bin/sh': { link: '../program' },
  absolute: { link: '/etc/passwd' },
  loop: { link: 'loop' },
  ...Object.fromEntries(
    Array.from({ length: 500 }, (_, i) => [`many/${'n'.repeat(i % 60)}${i}`, { content: `${i}` }]),
  ),
};

const open = (bytes: Buffer) => openErofs(bufferSource(bytes, 'rootfs.erofs'));

async function readAll(erofs: Erofs): Promise<Map<string, { mode: number; content?: string }>> {
  const all = new Map<string, { mode: number; content?: string }>();
  await walk(erofs, signal, ({ path, inode }) => {
    const { mode } = inode;
    const isFile = fileType(mode) === REGULAR;
    const content = isFile
      ? readContent(erofs, inode, 1 << 21).toString('base64')
      : fileType(mode) === SYMLINK
        ? readLink(erofs, inode)
        : undefined;
    all.set(path, { mode, ...(content === undefined ? {} : { content }) });
  });
  return all;
}

const layouts: [string, string[]][] = [
  ['uncompressed', []],
  ['LZ4 in pages', ['-zlz4']],
  ['LZ4 in clusters, as images are', ['-zlz4', '-C16384']],
  ['LZ4HC in large clusters', ['-zlz4hc', '-C131072']],
  ['LZ4 with full indexes', ['-zlz4', '-C16384', '-Elegacy-compress']],
  ['large inodes', ['-Eforce-inode-extended', '-zlz4']],
];

describe.each(layouts)('%s', (_, options) => {
  const erofs = open(makeErofs(files, options));

  test('every file, folder and link is found, with its mode and content', async () => {
    const all = await readAll(erofs);
    for (const [path, { content, mode, link, same }] of Object.entries(files)) {
      const found = all.get(`/${path}`);
      const source = same === undefined ? content : files[same]?.content;
      if (link !== undefined) expect(found?.content, path).toBe(link);
      else if (source !== undefined)
        expect(found?.content === Buffer.from(source).toString('base64'), path).toBe(true);
      if (mode !== undefined) expect(found?.mode && found.mode & 0o7777, path).toBe(mode);
    }
    expect(all.size).toBe(
      Object.keys(files).length + ['/', '/etc', '/etc/deep', '/etc/deep/er', '/bin', '/many'].length,
    );
  });

  test('a path is followed through links, within the file system', () => {
    expect(lookup(erofs, '/bin/sh')?.mode).toBe(REGULAR | 0o755);
    expect(lookup(erofs, '/etc/deep/../../absolute')?.size).toBe(30);
    expect(lookup(erofs, '/../../etc//./passwd')?.size).toBe(30);
    for (const path of ['/loop', '/none', '/text/below', '/etc/none'])
      expect(lookup(erofs, path), path).toBeUndefined();
  });
});

test('a compression that is not read here is said, not guessed', async () => {
  const bytes = makeErofs(files, ['-zlz4']);
  const erofs = open(bytes);
  const inode = lookup(erofs, '/text');
  if (inode === undefined) return expect.unreachable();
  bytes[Math.ceil(inode.end / 8) * 8 + 6] = 1;
  expect(() => readContent(erofs, inode, 1 << 21)).toThrow(/compressed with algorithm 1, not LZ4/);
});

test.each([
  ['not an EROFS', (bytes: Buffer) => bytes.fill(0, 1024, 1028), /magic number is missing/],
  [
    'unknown features',
    (bytes: Buffer) => bytes.writeUInt32LE(0x80, 1024 + 80),
    /features that mvmctl can't read/,
  ],
  ['further devices', (bytes: Buffer) => bytes.writeUInt16LE(1, 1024 + 86), /further devices/],
  ['other blocks', (bytes: Buffer) => bytes.writeUInt8(9, 1024 + 12), /block size is not 4096/],
])('refused: %s', (_, change, message) => {
  const bytes = makeErofs({ a: { content: 'b' } });
  change(bytes);
  expect(() => open(bytes)).toThrow(message);
});

test('a folder that is its own parent ends the walk with an error', async () => {
  const bytes = makeErofs({ 'one/two': {} });
  const erofs = open(bytes);
  const one = lookup(erofs, '/one');
  if (one === undefined) return expect.unreachable();
  // Its content is behind the inode: three entries, of which the last is `two`, which now leads to `one`.
  bytes.writeBigUInt64LE(BigInt(one.nid), one.end + 24);
  await expect(walk(erofs, signal, () => {})).rejects.toThrow(/appears in two places/);
});

test('the walk stops where it is told to', async () => {
  const erofs = open(
    makeErofs(Object.fromEntries(Array.from({ length: 2500 }, (_, i) => [`${i}`, { content: '' }]))),
  );
  const abort = new AbortController();
  abort.abort(new Error('enough'));
  await expect(walk(erofs, abort.signal, () => {})).rejects.toThrow('enough');
});

describe('damage', () => {
  const small: Record<string, TreeFile> = {
    'etc/passwd': { content: 'root:*:0:0::/:/bin/sh\n' },
    'a/b/c': { content: text(3000) },
    link: { link: '/etc/passwd' },
  };
  test.each(
    layouts.slice(0, 5),
  )('of any kind is an error that says so, or nothing: %s', async (_, options) => {
    const good = makeErofs(small, options);
    const change = fc.record({ at: fc.nat(good.length - 1), value: fc.nat(255) });
    // Most bytes are content; what steers the reader is in the first blocks.
    const early = fc.record({
      at: fc.integer({ min: 1024, max: Math.min(good.length, 8192) - 1 }),
      value: fc.nat(255),
    });
    const changes = fc.array(fc.oneof(change, early), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(changes, fc.nat(good.length), fc.boolean(), async (edits, end, cut) => {
        const bytes = Buffer.from(cut ? good.subarray(0, end) : good);
        for (const { at, value } of edits) if (at < bytes.length) bytes[at] = value;
        try {
          const erofs = open(bytes);
          lookup(erofs, '/etc/passwd');
          await readAll(erofs);
        } catch (error) {
          if (!(error instanceof MvmError) || error.code !== 'IMAGE_INVALID') throw error;
        }
      }),
      { numRuns: 300 },
    );
  });
});
