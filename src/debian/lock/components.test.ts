import { expect, test } from 'vitest';
import { components } from './components.ts';

test('packages in a circle become one component, after those they need', () => {
  const graph = new Map([
    ['git', ['libc6', 'zlib']],
    ['zlib', ['libc6']],
    ['libc6', ['libgcc']],
    ['libgcc', ['libc6']],
  ]);
  expect(components(graph)).toEqual([['libc6', 'libgcc'], ['zlib'], ['git']]);
});

test('a chain deeper than the stack is no problem', () => {
  const count = 50_000;
  const graph = new Map(
    Array.from({ length: count }, (_, i) => [`p${i}`, i + 1 < count ? [`p${i + 1}`] : []]),
  );
  expect(components(graph)).toHaveLength(count);
});

test('two circles that share a member are one', () => {
  const graph = new Map([
    ['a', ['b']],
    ['b', ['a', 'c']],
    ['c', ['b']],
    ['d', ['a']],
  ]);
  expect(components(graph)).toEqual([['a', 'b', 'c'], ['d']]);
});
