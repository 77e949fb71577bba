import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { formatExt4 } from './format/ext4/ext4.ts';
import { writeFolder } from './write-folder.ts';

vi.mock('node:fs/promises', async (original) => ({ ...(await original<typeof fs>()) }));

let dir: string;
beforeEach(async () => {
  dir = await fs.mkdtemp(join(tmpdir(), 'mvm-folder-'));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await fs.rm(dir, { recursive: true });
});

/** From the `after`th opened file on, the disk is full. */
function fillDisk(after: number): void {
  const open = fs.open;
  let opened = 0;
  vi.spyOn(fs, 'open').mockImplementation(async (...args) => {
    const file = await open(...args);
    if (++opened < after) return file;
    const full = async () => {
      throw Object.assign(new Error('write: no space left on device'), { code: 'ENOSPC' });
    };
    return Object.assign(file, { writeFile: full, write: full });
  });
}

test('the folder holds exactly the new files, whatever was there', async () => {
  const target = join(dir, 'a', 'image');
  await writeFolder(target, { old: Buffer.from('1'), kernel: Buffer.from('2') });
  await writeFolder(target, { kernel: Buffer.from('3') });
  expect(await fs.readdir(target)).toEqual(['kernel']);
  expect(await fs.readFile(join(target, 'kernel'), 'utf8')).toBe('3');
  expect(await fs.readdir(join(dir, 'a'))).toEqual(['image']);
});

test('what a killed writer left is removed later; what a living one writes stays', async () => {
  for (const name of ['image.old.tmp', 'image.new.tmp']) await fs.mkdir(join(dir, name));
  await fs.utimes(join(dir, 'image.old.tmp'), 0, 0);
  await writeFolder(join(dir, 'image'), { a: Buffer.from('1') });
  expect((await fs.readdir(dir)).sort()).toEqual(['image', 'image.new.tmp']);
});

test('writers at the same time end in one whole folder', async () => {
  const target = join(dir, 'image');
  const writers = ['1', '2', '3', '4', '5', '6'].map((n) =>
    writeFolder(target, { a: Buffer.from(n), b: Buffer.from(n) }),
  );
  await Promise.all(writers);
  expect(await fs.readFile(join(target, 'a'))).toEqual(await fs.readFile(join(target, 'b')));
  expect(await fs.readdir(dir)).toEqual(['image']);
});

test('a full disk is STATE_WRITE with the folder and a hint that works; the old folder stays, no rest is left', async () => {
  const target = join(dir, 'image');
  await writeFolder(target, { kernel: Buffer.from('old') });
  fillDisk(2);
  await expect(
    writeFolder(target, { kernel: Buffer.from('new'), initrd: Buffer.from('new') }),
  ).rejects.toMatchObject({
    code: 'STATE_WRITE',
    message: `Can't write ${target}: the disk is full.`,
    hint: `df -h ${dir}`,
  });
  expect(await fs.readFile(join(target, 'kernel'), 'utf8')).toBe('old');
  expect(await fs.readdir(dir)).toEqual(['image']);
});

test('a disk image on a full disk is STATE_WRITE with its path, and no rest is left', async () => {
  fillDisk(1);
  const options = { sizeBytes: 2 ** 26, label: 'x', uuid: '0'.repeat(32), nowSeconds: 0 };
  await expect(formatExt4(join(dir, 'disk.img'), options)).rejects.toMatchObject({
    code: 'STATE_WRITE',
    message: expect.stringContaining(join(dir, 'disk.img')),
  });
  expect(await fs.readdir(dir)).toEqual([]);
});
