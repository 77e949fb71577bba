import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openOverlay, overlayName } from '../../src/share/overlay/open-overlay.ts';
import { path, write } from '../../src/share/overlay/overlay.fixture.ts';
import type { Tree } from '../../src/share/tree/tree.ts';
import { vmPaths } from '../../src/state/paths.ts';
import { ownArch, vmRecords } from '../../src/vm/state/record.ts';
import { type Home, makeHome } from '../mvmctl.ts';

let home: Home;
beforeEach(async () => {
  home = makeHome();
  mkdirSync(vm().dir, { recursive: true, mode: 0o700 });
  await vmRecords.write(vm().record, {
    ...{ id: '0123456789ab', name: 'demo', kind: 'dev', defaultOf: home.project, project: home.project },
    ...{
      arch: ownArch(),
      vcpus: 1,
      memoryMib: 192,
      env: {},
      sources: {},
      createdAt: '2020-01-01T00:00:00.000Z',
    },
  });
  for (const name of ['a.txt', 'b.txt', 'c.txt']) writeFileSync(inProject(name), `one\ntwo ${name}\n`);
});
afterEach(() => home.remove());

const vm = () =>
  vmPaths({ state: join(home.dir, '.local/state/mvm'), cache: '', runtime: '', config: '' }, 'demo');
const inProject = (name: string) => join(home.project, name);

/** What a guest does in its /work. */
async function guest(act: (tree: Tree) => void): Promise<void> {
  const share = { host: home.project, guest: '/work' };
  mkdirSync(vm().overlays, { recursive: true });
  const overlay = await openOverlay(join(vm().overlays, overlayName('/work')), share, 'wait');
  act(overlay.tree());
  await overlay.close();
}

function edit(tree: Tree): void {
  write(tree, 'a.txt', 'ONE');
  write(tree, 'new.txt', 'new\n');
  tree.remove(path('b.txt'));
  tree.rename(path('c.txt'), path('moved.txt'), false);
}

test('changes are listed as git does, with diffs, and nothing of them is on the host', async () => {
  await guest(edit);
  const { stdout, status } = await home.run(['changes']);
  expect(stdout).toBe('M  a.txt\nD  b.txt\nR  c.txt -> moved.txt\nA  new.txt\n');
  expect(status).toBe(0);
  expect((await home.run(['changes', '--diff', 'a.txt'])).stdout).toContain('-one\n+ONE\n');
  expect(JSON.parse((await home.run(['changes', '--json', 'new.txt'])).stdout)).toMatchObject([
    { guest: '/work', changes: [{ status: 'A', path: 'new.txt', conflict: null }] },
  ]);
  expect(readFileSync(inProject('a.txt'), 'utf8')).toBe('one\ntwo a.txt\n');
});

test('apply brings changes to the host, by path or all; what is protected only if it is asked for', async () => {
  await guest((tree) => {
    edit(tree);
    write(tree, '.envrc', 'rm -rf ~');
  });
  expect((await home.run(['apply', 'a.txt'])).stdout).toBe('M  a.txt\n');
  expect(readFileSync(inProject('a.txt'), 'utf8')).toBe('ONE\ntwo a.txt\n');
  const { stderr } = await home.run(['apply']);
  expect(stderr).toContain('.envrc');
  expect([existsSync(inProject('.envrc')), existsSync(inProject('b.txt'))]).toEqual([false, false]);
  expect((await home.run(['apply', '.envrc', '--include-protected'])).stdout).toBe('A  .envrc\n');
  expect(readFileSync(inProject('.envrc'), 'utf8')).toBe('rm -rf ~');
  expect((await home.run(['changes'])).stdout).toBe('');
});

test('a file that the host changed meanwhile is told, and nothing is applied; the way out works', async () => {
  await guest(edit);
  writeFileSync(inProject('a.txt'), 'the host was here\n');
  const refused = await home.run(['apply']);
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain('a.txt: changed on the host meanwhile');
  expect(existsSync(inProject('new.txt'))).toBe(false);
  expect((await home.run(['changes', 'a.txt'])).stdout).toContain('conflict');
  expect((await home.run(['discard', 'a.txt'])).stdout).toContain('M  a.txt');
  expect((await home.run(['apply'])).status).toBe(0);
  expect(readFileSync(inProject('a.txt'), 'utf8')).toBe('the host was here\n');
  expect(existsSync(inProject('new.txt'))).toBe(true);
});

test('discarding everything has to be said; a guest’s names make no lines on a terminal', async () => {
  await guest((tree) => write(tree, 'x\n\u001b[31mA  y', 'z'));
  expect((await home.run(['discard'])).status).toBe(2);
  expect((await home.run(['changes'])).stdout).toBe('A  x\\n\\x1b[31mA  y\n');
  expect((await home.run(['discard', '--all'])).status).toBe(0);
  expect((await home.run(['changes'])).stdout).toBe('');
});
