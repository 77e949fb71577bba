import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { formatImageJson } from './image-json.ts';
import { imageSpec } from './image-spec.fixture.ts';
import { loadImage, verifyImage } from './load-image.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mvm-image-'));
  const kernel = Buffer.from('kernel');
  const initrd = Buffer.from('initrd!!');
  await writeFile(join(dir, 'kernel'), kernel);
  await writeFile(join(dir, 'initrd'), initrd);
  const json = formatImageJson(imageSpec({ kernel, initrd }, { system: 'aarch64-linux' }));
  await writeFile(join(dir, 'image.json'), json);
});

afterEach(() => rm(dir, { recursive: true }));

test('a whole image loads and verifies', async () => {
  expect(await loadImage(dir)).toMatchObject({ kernel: join(dir, 'kernel'), spec: { name: 'app' } });
  expect(await verifyImage(dir)).toEqual(await loadImage(dir));
});

test('a missing or cut file is IMAGE_INVALID with its path', async () => {
  await writeFile(join(dir, 'initrd'), 'init');
  await expect(loadImage(dir)).rejects.toMatchObject({
    code: 'IMAGE_INVALID',
    message: expect.stringContaining(`${join(dir, 'initrd')} has 4 bytes`),
  });
  await rm(join(dir, 'initrd'));
  await expect(loadImage(dir)).rejects.toMatchObject({
    code: 'IMAGE_INVALID',
    message: expect.stringContaining(`${join(dir, 'initrd')} is missing`),
  });
});

test('changed bytes of the right number are found by verifying', async () => {
  await writeFile(join(dir, 'kernel'), 'Kernel');
  await loadImage(dir);
  await expect(verifyImage(dir)).rejects.toMatchObject({
    code: 'IMAGE_INVALID',
    message: expect.stringContaining(join(dir, 'kernel')),
  });
});

test('a folder without image.json, or no folder, is IMAGE_INVALID', async () => {
  await rm(join(dir, 'image.json'));
  await expect(loadImage(dir)).rejects.toMatchObject({ code: 'IMAGE_INVALID' });
  await expect(loadImage(join(dir, 'none'))).rejects.toMatchObject({ code: 'IMAGE_INVALID' });
  await expect(loadImage(join(dir, 'kernel'))).rejects.toMatchObject({ code: 'IMAGE_INVALID' });
});
