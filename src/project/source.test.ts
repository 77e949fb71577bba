import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, realpath, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { parseStage } from './git-files.ts';
import { readSource } from './source.ts';
import { requireTracked, untrackedFiles } from './untracked.ts';

let dir: string;
beforeEach(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'mvm-source-')));
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(dir, { recursive: true });
});

const git = (...argv: string[]) =>
  execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@x', ...argv], {
    cwd: dir,
    stdio: 'pipe',
    env: { PATH: process.env.PATH, HOME: dir, GIT_CONFIG_NOSYSTEM: '1' },
  });
const put = async (path: string, text = path) => {
  await mkdir(join(dir, path, '..'), { recursive: true });
  await writeFile(join(dir, path), text);
};
const options = (env: NodeJS.ProcessEnv = process.env, cacheDir?: string) => ({
  env,
  signal: new AbortController().signal,
  ...(cacheDir === undefined ? {} : { cacheDir }),
});
const paths = async (at = dir, env?: NodeJS.ProcessEnv, cacheDir?: string) =>
  (await readSource(at, options(env, cacheDir))).entries.map((entry) => entry.path);

test('with git: what is tracked or added, as it is on disk; nothing untracked, ignored or deleted', async () => {
  git('init', '-q');
  for (const path of ['flake.nix', 'src/a', 'src/gone', 'b', 'ignored', 'untracked']) await put(path);
  await put('.gitignore', 'ignored\n');
  git('add', 'flake.nix', 'src', '.gitignore');
  git('commit', '-qm', 'x');
  git('add', 'b');
  await rm(join(dir, 'src/gone'));
  await put('src/a', 'changed since');
  await chmod(join(dir, 'b'), 0o755);
  const source = await readSource(dir, options());
  expect(source).toMatchObject({ root: dir, subfolder: '', from: 'git', notes: [] });
  expect(source.entries).toMatchObject([
    { path: '.gitignore' },
    { path: 'b', executable: true },
    { path: 'flake.nix', executable: false },
    { path: 'src/a', size: 13 },
  ]);
});

test('in a folder of a repository the source is the whole repository, as Nix has it', async () => {
  git('init', '-q');
  await put('app/flake.nix');
  await put('lib/x');
  git('add', '.');
  const source = await readSource(join(dir, 'app'), options());
  expect(source).toMatchObject({ root: dir, subfolder: 'app', notes: [] });
  expect(source.entries.map((entry) => entry.path)).toEqual(['app/flake.nix', 'lib/x']);
});

test('an untracked flake.nix is refused with the command that helps', async () => {
  git('init', '-q');
  await put('flake.nix');
  const source = await readSource(dir, options());
  expect(() => requireTracked(source)).toThrow(
    expect.objectContaining({
      code: 'SOURCE_INVALID',
      message: "flake.nix is not tracked by git, so the build can't see it.",
      hint: `git add ${dir}/flake.nix`,
    }),
  );
});

test('what the flake names and git does not track is found, through its other files, and nothing else', async () => {
  git('init', '-q');
  const flake = [
    '{ # ./comment.txt',
    '  /* ./block.txt */',
    '  a = import ./nix;',
    `  b = "./text.txt \${./in-string.sh} $\${./escaped.sh}";`,
    `  c = ''./lines.txt ''\${./no.sh} \${./in-lines.sh}'';`,
    '  d = if builtins.pathExists (./local.nix) then import ./local.nix else null;',
    '  e = ./src/main.c; f = ./whole; g = ./gone; h = ./.; i = ../outside; j = ./part;',
    '}',
  ];
  await put('flake.nix', flake.join('\n'));
  await put('nix/default.nix', 'import ./more.nix ./../deep.txt');
  await put('nix/more.nix', '{ }: ../deeper');
  await put('part/a');
  git('add', '.');
  for (const name of [
    'comment.txt',
    'block.txt',
    'text.txt',
    'escaped.sh',
    'lines.txt',
    'no.sh',
    'local.nix',
  ])
    await put(name);
  for (const name of ['in-string.sh', 'in-lines.sh', 'src/main.c', 'whole/x', 'deep.txt', 'deeper', 'part/b'])
    await put(name);
  expect(untrackedFiles(await readSource(dir, options())).sort()).toEqual([
    'deep.txt',
    'deeper',
    'in-lines.sh',
    'in-string.sh',
    'src/main.c',
    'whole',
  ]);
  git('add', '.');
  expect(untrackedFiles(await readSource(dir, options()))).toEqual([]);
});

test('a flake.lock that a build wrote counts before git tracks it', async () => {
  git('init', '-q');
  await put('flake.nix');
  await put('flake.lock');
  await put('other');
  git('add', 'flake.nix');
  expect(await paths(dir)).toEqual(['flake.lock', 'flake.nix']);
});

test('a hook’s GIT_INDEX_FILE and another owner’s repository change nothing', async () => {
  git('init', '-q');
  await put('a');
  git('add', 'a');
  expect(
    await paths(dir, { ...process.env, GIT_INDEX_FILE: '/nonexistent', GIT_DIR: '/nonexistent' }),
  ).toEqual(['a']);
});

test('a submodule is left out and named', () => {
  const lines = ['100644 abc 0\ta', '160000 abc 0\tsub', '100644 x 1\tc', '100644 y 2\tc', ''];
  expect(parseStage(lines.join('\0'))).toEqual({
    paths: ['a', 'c'],
    submodules: ['sub'],
  });
});

test('without git installed all files are taken, and a line says so', async () => {
  git('init', '-q');
  await put('a');
  const source = await readSource(dir, options({ PATH: join(dir, 'nothing') }));
  expect(source).toMatchObject({ from: 'folder', notes: [expect.stringContaining('git is not installed')] });
  expect(source.entries.map((entry) => entry.path)).toEqual(['a']);
});

test('a broken repository is an error with git’s words', async () => {
  git('init', '-q');
  await put('.git/index', 'garbage that is no index at all');
  await expect(readSource(dir, options())).rejects.toMatchObject({
    code: 'SOURCE_INVALID',
    message: `git can't list the files of ${dir}.`,
    details: [expect.stringContaining('index')],
  });
});

test('the list is remembered while the index is the same, and read anew when it is not', async () => {
  git('init', '-q');
  await put('a');
  await put('b');
  git('add', 'a');
  const cache = join(dir, '.git/cache');
  const noGit = { PATH: '/nonexistent' };
  await paths(dir, undefined, cache);
  // The index is so new that it may change again without looking different: not remembered.
  expect((await readSource(dir, options(noGit, cache))).from).toBe('folder');
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10_000 });
  await paths(dir, undefined, cache);
  expect((await readSource(dir, options(noGit, cache))).from).toBe('git');
  git('add', 'b');
  expect(await paths(dir, undefined, cache)).toEqual(['a', 'b']);
});

test('without a repository: all files and empty folders, but no results of builds', async () => {
  for (const path of ['b/c', 'a', 'b.x']) await put(path);
  await mkdir(join(dir, 'empty'));
  await symlink('/nix/store/abc-thing', join(dir, 'result'));
  await symlink('a', join(dir, 'result-of-mine'));
  expect(await paths()).toEqual(['a', 'b.x', 'b/c', 'empty', 'result-of-mine']);
});

test('links out of the tree and to nothing stay links, and are told', async () => {
  await put('sub/a');
  await symlink('../../outside', join(dir, 'sub/out'));
  await symlink('/etc/passwd', join(dir, 'etc'));
  await symlink('nothing', join(dir, 'dangling'));
  await symlink('sub', join(dir, 'fine'));
  await symlink('fine/a', join(dir, 'through'));
  const source = await readSource(dir, options());
  expect(source.entries.filter((entry) => entry.kind === 'link')).toHaveLength(5);
  expect(source.notes).toEqual([
    'Links that lead outside the project point to nothing in a build: etc → /etc/passwd, sub/out → ../../outside.',
    'Links that point to nothing: dangling → nothing.',
  ]);
});

test('a FIFO is refused by name', async () => {
  execFileSync('mkfifo', [join(dir, 'pipe')]);
  await expect(readSource(dir, options())).rejects.toMatchObject({
    code: 'SOURCE_INVALID',
    message: `${dir}/pipe is a FIFO, which can't be part of a build.`,
  });
});

test('inputs by path outside of the project are told', async () => {
  await put(
    'sub/flake.nix',
    '{ inputs.a.url = "path:../../other"; inputs.b.url = "path:/srv/lib?x=1"; inputs.c.url = "path:../lib"; inputs.d.url = "github:a/b"; }',
  );
  const source = await readSource(join(dir, 'sub'), options());
  expect(source.notes).toEqual([
    "flake.nix has inputs outside the project, which the builder can't see: ../../other, /srv/lib, ../lib.",
  ]);
});

test('an abort ends the reading', async () => {
  await put('a');
  await utimes(join(dir, 'a'), 1, 1);
  const signal = AbortSignal.abort(new Error('stop'));
  await expect(readSource(dir, { env: process.env, signal })).rejects.toThrow('stop');
});
