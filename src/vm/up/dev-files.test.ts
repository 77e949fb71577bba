import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseProjectConfig } from '../../config/project-config.ts';
import { settle } from '../../config/settings.ts';
import type { Project } from '../../project/project.ts';
import { temporaryFolder } from '../../state/temporary-folder.fixture.ts';
import { devFiles } from './dev-files.ts';

function host() {
  const home = temporaryFolder('mvm-dev-files-');
  const notes: string[] = [];
  const env = { HOME: home, PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: '1' };
  return {
    home,
    env,
    notes,
    given: (toml: string) =>
      devFiles({ dir: home } as Project, settle({}, {}, parseProjectConfig(toml, '/p/mvm.toml')), {
        env,
        emit: (event) => void (event.type === 'note' && notes.push(event.text)),
        signal: new AbortController().signal,
      }),
  };
}

test('the host’s git identity is what git says where nothing else does: all that is set in the VM overrides it', async () => {
  const { home, env, given } = host();
  const name = 'Ada "the first" \\ Lovelace';
  execFileSync('git', ['config', '--global', 'user.name', name], { env });
  execFileSync('git', ['config', '--global', 'user.email', 'ada@example.org'], { env });
  const { files = [], defaultEnv } = await given('');
  expect(files).toMatchObject([{ path: '/run/mvm/gitconfig', mode: 0o644 }]);
  expect(defaultEnv).toEqual({ GIT_CONFIG_SYSTEM: '/run/mvm/gitconfig' });

  const file = join(home, 'given');
  writeFileSync(file, files[0]?.data ?? '');
  const guest = temporaryFolder('mvm-dev-files-guest-');
  const inGuest = { PATH: env.PATH, HOME: guest, GIT_CONFIG_SYSTEM: file };
  const git = (...argv: string[]) =>
    execFileSync('git', argv, { cwd: guest, env: inGuest }).toString().trim();
  git('init', '-q');
  expect([git('config', 'user.name'), git('config', 'user.email')]).toEqual([name, 'ada@example.org']);
  git('config', '--global', 'user.email', 'guest@example.org');
  expect(git('config', 'user.email')).toBe('guest@example.org');
  git('config', 'user.email', 'project@example.org');
  expect(git('config', 'user.email')).toBe('project@example.org');
});

test('nothing is given where git is not configured, or is not to say who that is', async () => {
  const { env, given } = host();
  expect(await given('')).toEqual({ files: [] });
  execFileSync('git', ['config', '--global', 'core.editor', 'vi'], { env });
  expect(await given('')).toEqual({ files: [] });
  execFileSync('git', ['config', '--global', 'user.name', 'Ada'], { env });
  expect(await given('[dev]\ngit_identity = false\n')).toEqual({ files: [] });
});

test('files are given with their modes; one that is missing is told in a line', async () => {
  const { home, given, notes } = host();
  writeFileSync(join(home, 'tool'), 'x');
  chmodSync(join(home, 'tool'), 0o750);
  const { files } = await given('[dev]\nfiles = { "~/tool" = "/usr/local/bin/tool", "~/none" = "~/none" }\n');
  expect(files).toEqual([{ path: '/usr/local/bin/tool', mode: 0o750, data: Buffer.from('x') }]);
  expect(notes).toEqual(['~/none is not copied into the VM: this host has no such file (/p/mvm.toml:2).']);
});

test('a folder, and a file that is too large, are refused with their place', async () => {
  const { home, given } = host();
  mkdirSync(join(home, 'folder'));
  writeFileSync(join(home, 'large'), Buffer.alloc(2 ** 20 + 1));
  for (const [name, words] of [
    ['folder', 'is a folder'],
    ['large', 'more than 1 MiB'],
  ])
    await expect(given(`[dev]\nfiles = { "~/${name}" = "~/x" }\n`)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(new RegExp(`^/p/mvm.toml:2: ~/${name} .*${words}`)),
    });
});

test.each([
  'files = { "x" = "~/x" }',
  'files = { "~/x" = "x" }',
  'files = { "~/x" = "/tmp/" }',
  'git_identity = 1',
])('[dev] %s is a mistake', (text) => {
  expect(() => parseProjectConfig(`[dev]\n${text}\n`, '/p/mvm.toml')).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID' }),
  );
});
