import fc from 'fast-check';
import { expect, test } from 'vitest';
import { indexText } from './text.ts';

test('stanzas are found by name wherever they stand, also where Package is not the first field', () => {
  const index = indexText(
    Buffer.from('Package: a\nVersion: 1\n\nSource: x\nPackage: b\nVersion: 2\n\nPackage: c\nVersion: 3'),
  );
  expect([...index.names()]).toEqual(['a', 'b', 'c']);
  expect(index.stanza('a')?.get('version')).toBe('1');
  expect(Object.fromEntries(index.stanza('b') ?? [])).toEqual({ source: 'x', package: 'b', version: '2' });
  expect(index.stanza('c')?.get('version')).toBe('3');
  expect(index.stanza('d')).toBeUndefined();
});

test('of two versions the newer counts, in either order', () => {
  const one = 'Package: a\nVersion: 1.9\n';
  const two = 'Package: a\nVersion: 1.10\n';
  for (const text of [`${one}\n${two}`, `${two}\n${one}`]) {
    expect(indexText(Buffer.from(text)).stanza('a')?.get('version')).toBe('1.10');
  }
});

test('providers of a virtual package, each once', () => {
  const index = indexText(
    Buffer.from('Package: a\nProvides: v (= 1), v (= 2), w\n\nPackage: b\nProvides: v:any\n'),
  );
  expect(index.providers('v')).toEqual(['a', 'b']);
  expect(index.providers('w')).toEqual(['a']);
  expect(index.providers('x')).toEqual([]);
});

test('text of any shape is indexed without an error', () => {
  const piece = fc.constantFrom(
    'Package: a',
    'Package: ',
    '\n',
    '\n\n',
    'Provides: x, y',
    'Version: 1',
    ' ',
    ':',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const index = indexText(Buffer.from(pieces.join('')));
      for (const name of index.names()) expect(index.stanza(name)).toBeDefined();
      index.providers('x');
    }),
  );
});
