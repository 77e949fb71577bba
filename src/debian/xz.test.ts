import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decompressXz, xzChunks } from './xz.ts';

// "hello xz\n", by xz 5.4 with --check=crc32, crc64, sha256 and with the x86 filter.
const crc32 = Buffer.from(
  '/Td6WFoAAAFpIt42AgAhARYAAAB0L+WjAQAIaGVsbG8geHoKAAAAAFV+Ln4AAR0Jk2E2ppBCmQ0BAAAAAAFZWg==',
  'base64',
);
const crc64 = Buffer.from(
  '/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQAIaGVsbG8geHoKAAAAAMFJOvpjUhRaAAEhCWwYxdUftvN9AQAAAAAEWVo=',
  'base64',
);
const sha256 = Buffer.from(
  '/Td6WFoAAArh+wyhAgAhARYAAAB0L+WjAQAIaGVsbG8geHoKAAAAAOBFF/IITf+J+/wvtkwbzpbPWOneEesIGEImoQPaXVlIAAE5CTWA3lcYm0uaAQAAAAAKWVo=',
  'base64',
);
const x86 = Buffer.from(
  '/Td6WFoAAATm1rRGAgEEACEBFgANhjUfAQAIaGVsbG8geHoKAAAAAMFJOvpjUhRaAAEhCWwYxdUftvN9AQAAAAAEWVo=',
  'base64',
);

test('decompresses one stream, several, and padding between them', async () => {
  expect(`${await decompressXz(crc32)}`).toBe('hello xz\n');
  const padded = Buffer.concat([crc32, Buffer.alloc(8), crc64]);
  expect(`${await decompressXz(padded)}`).toBe('hello xz\nhello xz\n');
});

test('the size of the pieces that come in makes no difference', async () => {
  const pieces = Array.from(crc64, (_, i) => crc64.subarray(i, i + 1));
  const out: Buffer[] = [];
  for await (const chunk of xzChunks(pieces, 'x')) out.push(chunk);
  expect(`${Buffer.concat(out)}`).toBe('hello xz\n');
});

test('one file can be decompressed while another is being read', async () => {
  for await (const outer of xzChunks([crc32], 'outer')) {
    expect(`${outer}`).toBe('hello xz\n');
    expect(`${await decompressXz(crc64, 'inner')}`).toBe('hello xz\n');
  }
});

test('a file cut off anywhere is refused', async () => {
  for (let length = 0; length < crc32.length; length++) {
    await expect(decompressXz(crc32.subarray(0, length), 'a.ko.xz')).rejects.toMatchObject({
      code: 'PACKAGE_INVALID',
      message: "Can't decompress a.ko.xz: it ends too early.",
    });
  }
});

test('checks and filters that we lack are refused with that reason', async () => {
  await expect(decompressXz(sha256)).rejects.toMatchObject({
    message: expect.stringContaining('not supported'),
  });
  await expect(decompressXz(x86)).rejects.toMatchObject({
    message: expect.stringContaining('not supported'),
  });
});

test('a changed byte never gives other content', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(crc32.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
      const damaged = Buffer.from(crc32);
      damaged[at] = (damaged[at] ?? 0) ^ change;
      await expect(decompressXz(damaged)).rejects.toMatchObject({ code: 'PACKAGE_INVALID' });
    }),
  );
});
