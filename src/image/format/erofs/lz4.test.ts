import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeLz4 } from './lz4.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

test.each([
  ['literals only', '50 68656c6c6f', 'hello'],
  ['a match that overlaps what it makes', '15 61 0100 10 62', 'aaaaaaaaaab'],
  ['a match further back', '40 61626364 0400 10 65', 'abcdabcde'],
])('decodes %s', (_, bytes, text) => {
  expect(decodeLz4(hex(bytes), text.length)?.toString()).toBe(text);
});

test('long literals and long matches take their length from further bytes', () => {
  const literals = Buffer.alloc(300, 'x');
  const block = Buffer.concat([hex('ff ff1e'), literals, hex('0100 ff 02 10 79')]);
  expect(decodeLz4(block, 300 + 15 + 4 + 255 + 2 + 1)?.toString()).toBe(`${'x'.repeat(576)}y`);
});

test('what is behind the wanted length is not looked at', () => {
  expect(decodeLz4(hex('50 68656c6c6f ffffffff'), 5)?.toString()).toBe('hello');
  expect(decodeLz4(hex('15 61 0100'), 4)?.toString()).toBe('aaaa');
});

test.each([
  ['nothing', ''],
  ['literals that are not there', '50 6865'],
  ['a distance beyond the beginning', '10 61 0200'],
  ['a distance of zero', '10 61 0000'],
  ['no distance', '10 61'],
  ['a length without an end', 'f0 ffffff'],
])('undefined for %s', (_, bytes) => {
  expect(decodeLz4(hex(bytes), 100)).toBeUndefined();
});

test('any bytes give the wanted length or nothing', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(5000), (bytes, length) => {
      const out = decodeLz4(Buffer.from(bytes), length);
      return out === undefined || out.length === length;
    }),
  );
});
