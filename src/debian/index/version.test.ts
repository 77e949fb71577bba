import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareVersions, fulfils } from './version.ts';

// In ascending order, by the rules and examples of deb-version(7).
const ascending = [
  '~~',
  '~~a',
  '~',
  '0',
  '1~rc1-1',
  '1',
  '1-1',
  '1-1+b1',
  '1-2',
  '1.2',
  '1.2a',
  '1.2+x',
  '1.9',
  '1.10',
  '2a',
  '10',
  '1:0',
  '1:0.1-0',
];

test('versions are ordered as Debian orders them', () => {
  for (const [i, a] of ascending.entries()) {
    for (const [j, b] of ascending.entries()) {
      expect(Math.sign(compareVersions(a, b)), `${a} and ${b}`).toBe(Math.sign(i - j));
    }
  }
  expect(compareVersions('1.0', '1.0-0')).toBe(0);
  expect(compareVersions('1.001', '1.1')).toBe(0);
  expect(compareVersions('0:1', '1')).toBe(0);
});

test('relations', () => {
  expect(['<<', '<=', '=', '>=', '>>'].map((sign) => fulfils('1', sign as '=', '1'))).toEqual([
    false,
    true,
    true,
    true,
    false,
  ]);
  expect(['<<', '<=', '=', '>=', '>>'].map((sign) => fulfils('1', sign as '=', '2'))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});

test('the order has no contradictions', () => {
  const version = fc.stringMatching(/^[0-9a-b.+~-]{1,8}$/);
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) + 0);
      const [low = '', middle = '', high = ''] = [a, b, c].sort(compareVersions);
      expect(compareVersions(low, middle)).toBeLessThanOrEqual(0);
      expect(compareVersions(low, high)).toBeLessThanOrEqual(0);
    }),
  );
});
