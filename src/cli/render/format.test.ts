import { expect, test } from 'vitest';
import { bytes, duration, fold, memory } from './format.ts';

test('amounts read as a person writes them', () => {
  expect([999, 1500, 12_345_678].map(bytes)).toEqual(['999 B', '1.5 kB', '12 MB']);
  expect([800, 9960, 12_400, 59_700, 119_800, 200_000, 7_500_000, 273_600_000].map(duration)).toEqual([
    '0.8 s',
    '10 s',
    '12 s',
    '1 min 0 s',
    '2 min 0 s',
    '3 min 20 s',
    '2 h 5 min',
    '3 d 4 h',
  ]);
  expect([512, 1024, 1536].map(memory)).toEqual(['512 MiB', '1 GiB', '1.5 GiB']);
});

test('a line that is too long breaks between words', () => {
  expect(fold('the quick brown fox', 80)).toBe('the quick brown fox');
  expect(fold('the quick brown fox', 10)).toBe('the quick\n  brown\n  fox');
  expect(fold('see /a/path/that/is/long now', 10)).toBe('see\n  /a/path/that/is/long\n  now');
});
