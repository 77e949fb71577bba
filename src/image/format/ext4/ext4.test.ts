import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { run } from '../../../process/run.ts';
import { crc16 } from './crc16.ts';
import { formatExt4 } from './ext4.ts';
import { hasBackup, layoutExt4 } from './layout.ts';

const MIB = 1024 * 1024;
const options = {
  label: 'mvm-disk',
  uuid: '01234567-89ab-cdef-0123-456789abcdef',
  nowSeconds: 1_700_000_000,
};

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mvm-ext4-'));
});
afterEach(() => rm(dir, { recursive: true }));

test('a 64 GiB disk takes less than a MiB of the host and is private', async () => {
  const path = join(dir, 'disk.img');
  await formatExt4(path, { ...options, sizeBytes: 65536 * MIB });
  const { size, blocks, mode } = await stat(path);
  expect(size).toBe(65536 * MIB);
  expect(blocks * 512).toBeLessThan(MIB);
  expect(mode & 0o777).toBe(0o600);
});

test('the same identity and time give the same bytes; another UUID does not', async () => {
  const hash = async (name: string, uuid: string) => {
    await formatExt4(join(dir, name), { ...options, uuid, sizeBytes: 64 * MIB });
    return createHash('sha256')
      .update(await readFile(join(dir, name)))
      .digest('hex');
  };
  const first = await hash('a', options.uuid);
  expect(await hash('b', options.uuid.replaceAll('-', ''))).toBe(first);
  expect(await hash('c', options.uuid.replace('0', 'f'))).not.toBe(first);
});

test('sizes, UUIDs and labels that can not be honoured are refused before anything is written', async () => {
  const path = join(dir, 'disk.img');
  const format = (change: object) => formatExt4(path, { ...options, sizeBytes: 64 * MIB, ...change });
  await expect(format({ sizeBytes: MIB })).rejects.toThrow(RangeError);
  await expect(format({ sizeBytes: Number.NaN })).rejects.toThrow(RangeError);
  await expect(format({ sizeBytes: 2 ** 44 })).rejects.toThrow(RangeError);
  await expect(format({ uuid: 'x' })).rejects.toThrow(RangeError);
  await expect(format({ label: 'a label that is too long' })).rejects.toThrow(RangeError);
  expect(existsSync(path)).toBe(false);
});

test('copies of the superblock are in groups 0, 1 and the powers of 3, 5 and 7', () => {
  const groups = Array.from({ length: 400 }, (_, i) => i).filter(hasBackup);
  expect(groups).toEqual([0, 1, 3, 5, 7, 9, 25, 27, 49, 81, 125, 243, 343]);
});

test('metadata never overlaps or leaves its group, for sizes around every edge', () => {
  for (let mib = 16; mib < 1100; mib += 1.37) {
    const layout = layoutExt4(Math.floor(mib * MIB));
    for (const group of layout.groups) {
      expect(group.inodeTable + layout.tableBlocks).toBeLessThanOrEqual(group.first + group.used);
      expect(group.used).toBeLessThan(group.blocks);
    }
  }
});

test('crc16 is that of the reference (ARC polynomial from 0xffff: 0x4b37 for "123456789")', () => {
  expect(crc16(Buffer.from('123456789'))).toBe(0x4b37);
});

const e2fsck = ['/usr/sbin/e2fsck', '/sbin/e2fsck', '/usr/local/sbin/e2fsck'].find((path) =>
  existsSync(path),
);
const required = process.env.MVM_REQUIRE_E2FSCK === '1';

/** Skipped where e2fsck (package e2fsprogs) is not installed, unless MVM_REQUIRE_E2FSCK=1. */
describe.skipIf(e2fsck === undefined && !required)('e2fsck (of e2fsprogs) finds nothing to say', () => {
  const sizes = [
    16,
    64,
    100.3,
    127.99,
    128,
    128.01,
    130,
    300,
    1024,
    1537.777,
    16384,
    65536,
    65537.3,
    2 ** 20,
  ];
  test.each(sizes)('about %f MiB', async (mib) => {
    const path = join(dir, 'disk.img');
    await formatExt4(path, { ...options, sizeBytes: Math.floor(mib * MIB) });
    const { status, stdout } = await run([e2fsck ?? 'e2fsck', '-fn', path], { maxOutputBytes: 100_000 });
    expect(stdout).not.toMatch(/error|fix|wrong|invalid/i);
    expect(stdout).toMatch(/mvm-disk: 11\/\d+ files \(0\.0% non-contiguous\)/);
    expect(status).toBe(0);
  });
});
