import { expect, test } from 'vitest';
import { profileFor } from './profile.ts';

const settings = (value: string, source: string) => ({ env: {}, inputs: {}, profile: { value, source } });

test("profile = 'dev' of an mvm.toml is for dev up; up builds default then", () => {
  const dev = settings('dev', '/p/mvm.toml:2');
  expect(profileFor('dev', dev)).toBe(dev);
  expect(profileFor('up', dev).profile).toBeUndefined();
});

test('any other profile of an mvm.toml, and one that is asked for, is for up, too', () => {
  for (const asked of [
    settings('web', '/p/mvm.toml:2'),
    settings('dev', 'flag --profile'),
    settings('dev', 'MVM_PROFILE'),
  ]) {
    expect(profileFor('up', asked)).toBe(asked);
  }
});
