import { expect, test } from 'vitest';
import { MvmError } from '../../errors/mvm-error.ts';
import { describeOutputs, withOutputs } from './missing-output.ts';

const x86 = { 'x86_64-linux': ['default', 'dev'] };

test('a misspelt output: what the flake has, and the nearest', () => {
  expect(describeOutputs(x86, { system: 'x86_64-linux', profile: 'dex' })).toEqual({
    details: ['packages.x86_64-linux has: default, dev'],
    hint: 'mvmctl build --profile dev',
  });
});

test('another architecture than the flake has: what to add', () => {
  expect(describeOutputs(x86, { system: 'aarch64-linux', profile: 'dev' })).toEqual({
    details: ['packages.x86_64-linux has: default, dev'],
    hint: "add to the flake's outputs: packages.aarch64-linux.dev = mvm.lib.aarch64-linux.mkGuest { … };",
  });
});

test('nothing near: the names are to choose from', () => {
  const { details, hint } = describeOutputs(x86, { system: 'x86_64-linux', profile: 'webserver' });
  expect(details).toEqual(['packages.x86_64-linux has: default, dev']);
  expect(hint).toContain('--profile NAME');
});

test('a flake that can’t tell keeps the first error, and other errors are left alone', async () => {
  const target = { system: 'x86_64-linux', profile: 'dev' };
  const options = {
    run: async () => 1,
    flake: 'path:/mvm/src',
    attribute: 'packages.x86_64-linux.dev',
    signal: new AbortController().signal,
  };
  const other = new MvmError('BUILD_FAILED', 'x');
  expect(await withOutputs(other, target, options)).toBe(other);
  const missing = new MvmError('OUTPUT_MISSING', 'The flake has no output x.', { log: '/log' });
  expect(await withOutputs(missing, target, options)).toMatchObject({
    message: 'The flake has no output x.',
    log: '/log',
    hint: expect.stringContaining('packages.x86_64-linux.dev = mvm.lib'),
  });
});
