import { expect, test } from 'vitest';
import { storeName } from './store-name.ts';

test('store paths by name', () => {
  expect(storeName('/nix/store/s3p3kfn549cgkr0ihwlgdw4zrbkxmg60-libgreet-1.0.drv')).toBe('libgreet-1.0');
  expect(storeName('elsewhere')).toBe('elsewhere');
});
