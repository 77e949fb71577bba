import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { makeArm64Kernel } from '../format/elf.fixture.ts';
import { extractArm64Kernel } from './arm64.ts';

test('a raw Image is taken as it is, a gzip of one is unpacked', async () => {
  const image = makeArm64Kernel();
  expect(await extractArm64Kernel(image, 'k')).toEqual(image);
  expect(await extractArm64Kernel(gzipSync(image), 'k')).toEqual(image);
});

test('anything else is KERNEL_INVALID', async () => {
  const wrong = { code: 'KERNEL_INVALID' };
  await expect(extractArm64Kernel(Buffer.alloc(4096), 'k')).rejects.toMatchObject(wrong);
  await expect(extractArm64Kernel(Buffer.alloc(0), 'k')).rejects.toMatchObject(wrong);
  await expect(extractArm64Kernel(Buffer.from('1f8b0011', 'hex'), 'k')).rejects.toMatchObject(wrong);
});
