import { expect, test } from 'vitest';
import { MvmError } from '../../errors/mvm-error.ts';
import { brokenByEmulator } from './broken-by-emulator.ts';

const failed = (details: string[], code: 'BOOT_FAILED' | 'BOOT_TIMEOUT' = 'BOOT_FAILED') =>
  new MvmError(code, 'The VM ended.', { details });
const oops = [
  '[    0.733648] Oops: int3: 0000 [#1] PREEMPT SMP NOPTI',
  '[    0.733882] CPU: 1 UID: 0 PID: 1',
];

test('only an emulated kernel that died of a breakpoint is worth a second boot', () => {
  expect(brokenByEmulator(failed(oops), 'tcg')).toBe(true);
  expect(brokenByEmulator(failed(oops), 'kvm')).toBe(false);
  expect(brokenByEmulator(failed(oops, 'BOOT_TIMEOUT'), 'tcg')).toBe(false);
  expect(brokenByEmulator(failed(['Kernel panic - not syncing: VFS']), 'tcg')).toBe(false);
  expect(brokenByEmulator(new Error('Oops: int3'), 'tcg')).toBe(false);
});
