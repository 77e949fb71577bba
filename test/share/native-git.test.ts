import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** Why this machine can't mount a share itself; undefined where it can. */
function missing(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can mount here';
  try {
    accessSync('/dev/fuse', constants.R_OK | constants.W_OK);
    return undefined;
  } catch {
    return 'there is no /dev/fuse';
  }
}

const why = missing();
if (why !== undefined && process.env.MVM_REQUIRE_FUSE === '1') throw new Error(`MVM_REQUIRE_FUSE: ${why}`);

let [dir, work] = ['', ''];
let server: ReturnType<typeof spawn> | undefined;

beforeAll(async () => {
  if (why !== undefined) return;
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'native-')));
  work = join(dir, 'work');
  for (const name of ['work', 'host', 'home']) mkdirSync(join(dir, name));
  writeFileSync(
    join(dir, 'home/.gitconfig'),
    '[user]\n\tname = n\n\temail = a@b\n[protocol "file"]\n\tallow = always\n',
  );
  server = spawn(process.execPath, [join(import.meta.dirname, 'serve.ts'), join(dir, 'host'), work], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (server.stdout !== null) await once(server.stdout, 'data');
});

afterAll(async () => {
  if (server === undefined) return;
  const ended = once(server, 'exit');
  spawnSync('umount', [work]);
  await ended;
  rmSync(dir, { recursive: true, force: true });
});

function sh(script: string) {
  const env = {
    PATH: process.env.PATH,
    HOME: join(dir, 'home'),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_EDITOR: 'true',
  };
  return spawnSync('sh', ['-ec', script], { cwd: work, env, encoding: 'utf8', timeout: 60_000 });
}

test.skipIf(why !== undefined).each([
  [
    'init and commit',
    'git init -q up; cd up; echo 1 >a; git add a; git commit -qm 1; echo 22 >a; git commit -qam 2',
  ],
  ['clone', 'git clone -q "$PWD/up" cl; cd cl; git config user.name x; git checkout -q -b f HEAD^'],
  [
    'rebase',
    'cd cl; echo 33 >b; git add b; git commit -qm 3; git rebase -q origin/master; git rebase -q -i HEAD^',
  ],
  ['stash', 'cd cl; echo 44 >b; git stash -q; git stash pop -q; git commit -qam 4'],
  ['push -u', 'cd cl; git push -qu origin f'],
  ['remotes', 'cd cl; git remote add z https://e.org/x.git; git remote rename z y; git remote rm y'],
  ['branch -u', 'cd cl; git branch -q -u origin/master; git checkout -q -b x origin/master'],
  ['worktree beside', 'cd cl; git worktree add -q ../wt; git -C ../wt status'],
  ['worktree inside', 'cd cl; git worktree add -q in; git -C in log -1; git worktree remove in'],
  ['submodule', 'up=$PWD/up; cd cl; git submodule add -q "$up" sm; git commit -qm sm; git -C sm log -1'],
  ['gc and fetch', 'cd cl; git gc -q; git fetch -q --all; git fsck'],
  ['a bare clone', 'git clone -q --bare cl bare.git'],
  ['a clone with submodules, removed again', 'git clone -q --recurse-submodules cl cl2; rm -rf cl2'],
  ['exec lines of a rebase of its own', 'cd cl; git rebase -q -x true HEAD^'],
  ['sparse-checkout', 'cd cl; git sparse-checkout set --skip-checks a'],
])(`git in the guest: %s${why === undefined ? '' : ` (${why})`}`, (_, script) => {
  const { status, stderr } = sh(script);
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.any(String) });
});

test.skipIf(why !== undefined)('what is no harmless change of a configuration is refused to git', () => {
  expect(sh('git -C up config core.fsmonitor ./x')).toMatchObject({
    status: 4,
    stderr: expect.stringContaining('Permission denied'),
  });
});
