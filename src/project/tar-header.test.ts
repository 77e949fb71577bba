import fc from 'fast-check';
import { extract } from 'tar-stream';
import { expect, test } from 'vitest';
import { tarEnd, tarHeader } from './tar-header.ts';

async function read(header: Buffer) {
  const reader = extract();
  reader.end(Buffer.concat([header, tarEnd]));
  for await (const entry of reader) {
    entry.resume();
    return entry.header;
  }
  throw new Error('no entry');
}

test('any name and target is read back as it was', async () => {
  const word = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 150 })
    .map((text) => text.replace(/\0/g, 'x'));
  await fc.assert(
    fc.asyncProperty(word, word, async (name, target) => {
      const wellFormed = name.toWellFormed();
      const header = await read(
        tarHeader({ name: wellFormed, type: 'link', mode: 0o777, size: 0, target: target.toWellFormed() }),
      );
      expect(header).toMatchObject({ name: wellFormed, linkname: target.toWellFormed(), type: 'symlink' });
    }),
  );
});

test('a size beyond eight gigabytes is in the header', async () => {
  const header = tarHeader({ name: 'a', type: 'file', mode: 0o644, size: 2 ** 40 });
  expect(header.toString('latin1')).toContain('size=1099511627776\n');
  expect(header.length % 512).toBe(0);
});
