import { expect, test } from 'vitest';
import { parseTrace } from './trace-reads.ts';

test('what was accessed since it was added was read, whatever its name', () => {
  const text =
    '1700000009.1234567890 5 flake.nix\x000.0000000000 5 README.md\x001700000009.0000000000 7 src/a b\nc\x00';
  expect(parseTrace(text)).toEqual(new Set(['flake.nix', 'src/a b\nc']));
});

test('an empty file counts as read: of what is in it nothing has to be', () => {
  expect(parseTrace('0.0000000000 0 empty\x000.0000000000 1 full\x00')).toEqual(new Set(['empty']));
});

test('without a file nothing was read', () => {
  expect(parseTrace('')).toEqual(new Set());
});
