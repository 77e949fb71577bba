import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { makeBzImage, makeX86Kernel, withSize } from '../format/elf.fixture.ts';
import { readElf } from '../format/elf.ts';
import { checkX86Kernel, extractX86Kernel } from './x86.ts';

const kernel = makeX86Kernel();
const zstd = makeBzImage(withSize(zstdCompressSync(kernel), kernel.length));

const refusal = (bytes: Buffer) =>
  extractX86Kernel(bytes, 'boot/vmlinuz').then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );

test.each([
  ['zstd', zstd],
  ['gzip', makeBzImage(gzipSync(kernel))],
  ['uncompressed', makeBzImage(kernel)],
])('the kernel comes out of a bzImage with a %s payload', async (_, bzImage) => {
  expect(await extractX86Kernel(bzImage, 'k')).toEqual(checkX86Kernel(kernel, 'k'));
});

test('what loaders read stays: every program header, its place and its bytes up to trailing zeros', () => {
  const before = readElf(kernel);
  const after = readElf(checkX86Kernel(kernel, 'k'));
  expect(after?.programs.map((p) => [p.type, p.offset, p.memorySize])).toEqual(
    before?.programs.map((p) => [p.type, p.offset, p.memorySize]),
  );
  expect(after?.programs.map((p) => p.fileSize)).toEqual([before?.programs[0]?.fileSize, 5000]);
  const load = after?.programs[1];
  const loaded = load && after?.bytes.subarray(load.offset, load.offset + load.fileSize);
  expect(loaded).toEqual(Buffer.alloc(5000, 0x90));
  expect(after?.bytes.length).toBe((load?.offset ?? 0) + 5000);
  expect(after?.sections).toEqual([]);
});

test.each([
  ['a file that is no bzImage', Buffer.alloc(4096), 'is not a bzImage'],
  ['an empty file', Buffer.alloc(0), 'is not a bzImage'],
  ['an old boot protocol', makeBzImage(gzipSync(kernel), 0x207), 'older than 2.08'],
  ['a file cut short', zstd.subarray(0, zstd.length - 200), 'is cut short'],
  ['an unknown compression', makeBzImage(Buffer.from('02214c18aabbccdd', 'hex')), '02214c18aabb'],
  [
    'a damaged payload',
    makeBzImage(withSize(Buffer.from('28b52ffd00112233', 'hex'), 9)),
    'does not decompress',
  ],
  ['no PVH note', makeBzImage(gzipSync(makeX86Kernel({ pvh: false }))), 'has no PVH entry'],
  ['another machine', makeBzImage(gzipSync(makeX86Kernel({ machine: 183 }))), 'not an x86-64 ELF'],
])('%s is refused as KERNEL_INVALID, with the name of the file', async (_, bytes, text) => {
  const error = await refusal(bytes);
  expect(error).toMatchObject({ code: 'KERNEL_INVALID' });
  expect(String(error)).toContain(text);
  expect(String(error)).toContain('boot/vmlinuz');
});
