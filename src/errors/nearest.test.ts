import { expect, test } from 'vitest';
import { nearest } from './nearest.ts';

const names = ['console', 'exec', 'inspect', 'doctor', 'dev'];

test.each([
  ['consoel', 'console'],
  ['exce', 'exec'],
  ['insp', 'inspect'],
  ['DOCTOR', 'doctor'],
])('%s means %s', (word, meant) => {
  expect(nearest(word, names)).toBe(meant);
});

test('a word unlike all has no suggestion', () => {
  expect(nearest('frobnicate', names)).toBeUndefined();
  expect(nearest('x', [])).toBeUndefined();
});
