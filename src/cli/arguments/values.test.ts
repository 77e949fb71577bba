import { expect, test } from 'vitest';
import { parseLineCount, parseSince } from './values.ts';

test('since is how long ago, or a time', () => {
  const ago = (text: string) => Math.round((Date.now() - parseSince(text)) / 1000);
  expect(['90', '90s', '10m', '1h30m', '1d', '1.5h'].map(ago)).toEqual([90, 90, 600, 5400, 86_400, 5400]);
  expect(parseSince('2026-01-31T09:30:00Z')).toBe(Date.UTC(2026, 0, 31, 9, 30));
});

test.each(['', 'm', '-5m', 'yesterday', '10 x', '2026-13-01'])('%j is not a time', (text) => {
  expect(() => parseSince(text)).toThrow(/is not a time/);
});

test('a number of lines has digits only', () => {
  expect(parseLineCount('0')).toBe(0);
  for (const text of ['', '-1', '1.5', 'all']) expect(() => parseLineCount(text)).toThrow(/is not a number/);
});
