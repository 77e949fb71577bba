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
  for (const word of ['cp', 'as', 'run']) expect(nearest(word, ['up', 'ps', 'rmi']), word).toBeUndefined();
  expect(nearest('upp', ['up', 'ps'])).toBe('up');
  expect(nearest('sp', ['up', 'ps'])).toBe('ps');
  expect(nearest('x', [])).toBeUndefined();
});
