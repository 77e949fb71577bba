import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../state/temporary-folder.fixture.ts';
import { checkLocalFlake, isPinned, parseFlakeRef } from './flake-ref.ts';

const parse = (value: string) => parseFlakeRef({ value, source: 'flag --flake' }, '/p/app');

test.each([
  ['.', { kind: 'local', dir: '/p/app' }],
  ['..', { kind: 'local', dir: '/p' }],
  ['./x', { kind: 'local', dir: '/p/app/x' }],
  ['/srv/x/', { kind: 'local', dir: '/srv/x' }],
  ['~/x', { kind: 'local', dir: join(homedir(), 'x') }],
  ['path:../x', { kind: 'local', dir: '/p/x' }],
  ['path:///srv/x', { kind: 'local', dir: '/srv/x' }],
  ['git+file:///srv/x?dir=sub', { kind: 'local', dir: '/srv/x/sub' }],
  ['.#dev', { kind: 'local', dir: '/p/app', output: 'dev' }],
  ['.#', { kind: 'local', dir: '/p/app' }],
  ['github:a/b/main?dir=c#dev', { kind: 'remote', ref: 'github:a/b/main?dir=c', output: 'dev' }],
  ['git+ssh://git@x.test/a.git', { kind: 'remote', ref: 'git+ssh://git@x.test/a.git' }],
  ['https://x.test/a.tar.gz', { kind: 'remote', ref: 'https://x.test/a.tar.gz' }],
])('%s', (value, expected) => {
  expect(parse(value)).toEqual(expected);
});

test('a bare word and nothing at all are refused with what may have been meant', () => {
  expect(() => parse('app')).toThrow(
    expect.objectContaining({
      code: 'CONFIG_INVALID',
      message: "flag --flake: 'app' is not a flake. Give a folder or a flake reference.",
      hint: './app for a folder, github:owner/app for a repository',
    }),
  );
  expect(() => parse('')).toThrow(expect.objectContaining({ hint: 'for example: .' }));
});

test('another state of a local repository than the one on disk can’t be asked for', () => {
  expect(() => parse('git+file:///srv/x?rev=abc')).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining("'rev'") }),
  );
});

test('a folder without flake.nix is refused with the place that named it', async () => {
  const dir = temporaryFolder('mvm-flake-');
  await expect(checkLocalFlake(dir, '/p/mvm.toml:1')).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: `/p/mvm.toml:1: there is no ${dir}/flake.nix.`,
  });
  await mkdir(join(dir, 'a'));
  await writeFile(join(dir, 'a', 'flake.nix'), '{}');
  expect(await checkLocalFlake(join(dir, 'a'), 'x')).toBe(join(dir, 'a'));
});

test.each([
  [`github:a/b/${'0f'.repeat(20)}`, true],
  [`github:a/b/${'0f'.repeat(20)}?dir=x`, true],
  [`git+https://x.test/a?ref=main&rev=${'0f'.repeat(20)}`, true],
  ['https://x.test/a.tar.gz?narHash=sha256-x', true],
  ['github:a/b', false],
  ['github:a/b/main', false],
  [`https://x.test/${'0f'.repeat(20)}`, false],
])('%s always means the same: %s', (ref, pinned) => {
  expect(isPinned(ref)).toBe(pinned);
});
