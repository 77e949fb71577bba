import { expect, test } from 'vitest';
import { parseDuration } from './duration.ts';

test.each([
  ['90', 90_000],
  ['250ms', 250],
  ['2m', 120_000],
  ['1h30m', 5_400_000],
  ['1.5 h', 5_400_000],
  ['1d', 86_400_000],
])('%s is %i ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['', '0', '-1', '2 weeks', 's', '1m x', 'Infinity'])('%j is no length of time', (text) => {
  expect(() => parseDuration(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
});
