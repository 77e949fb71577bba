import { expect, test } from 'vitest';
import { parseTrace } from './trace-reads.ts';

/** A file's line: when it was last accessed, and when it last changed, in seconds. */
const file = (path: string, accessed: string, changed: string, size = 5) =>
  `${accessed} ${changed} ${size} ${path}\0`;

test('what was accessed once the copy was whole was read', () => {
  const text = [
    file('flake.nix', '1700000009.1234567890', '1700000001.0000000000'),
    file('src/a b\nc', '1700000002.0000000001', '1700000002.0000000000'),
    // Written last: by the clock it may have been read, too.
    file('src/last', '1700000002.5000000000', '1700000002.5000000000'),
    file('README.md', '1700000001.9990000000', '1700000001.9990000000'),
  ].join('');
  expect(parseTrace(text, '')).toEqual(new Set(['flake.nix', 'src/last']));
  expect(parseTrace(text, 'sub/')).toEqual(new Set(['sub/flake.nix', 'sub/src/last']));
});

test('an empty file counts as read: of what is in it nothing has to be', () => {
  const text = file('empty', '1.0000000000', '1.0000000000', 0) + file('last', '2.0', '2.0');
  expect(parseTrace(text, '')).toEqual(new Set(['empty', 'last']));
});

test('without a file nothing was read', () => {
  expect(parseTrace('', '')).toEqual(new Set());
});
