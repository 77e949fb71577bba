import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Home, makeHome } from '../mvmctl.ts';

let home: Home;
beforeEach(() => {
  home = makeHome();
});
afterEach(() => home.remove());

const mine = '# mine\nHost other\n  User me\n';
const config = (): string => join(home.dir, '.ssh/config');

test('ssh-config --install is included once, says where ssh really looks, and is taken out again', async () => {
  mkdirSync(join(home.dir, '.ssh'));
  writeFileSync(config(), mine);
  const ours = join(home.dir, '.local/state/mvm/ssh/config');
  for (const words of ['connect with ssh mvm-NAME', 'already']) {
    const { status, stderr } = await home.run(['ssh-config', '--install']);
    expect([status, stderr]).toEqual([0, expect.stringContaining(words)]);
    // HOME is not that of the user database, where ssh looks.
    expect(stderr).toMatch(/ssh reads .*\/\.ssh\/config, whatever HOME is/);
    expect(readFileSync(config(), 'utf8')).toBe(`Include ${ours}\n${mine}`);
  }
  expect(readFileSync(ours, 'utf8')).toMatch(/^Host mvm-\* /m);
  expect(await home.run(['ssh-config', '--uninstall'])).toMatchObject({ status: 0 });
  expect(readFileSync(config(), 'utf8')).toBe(mine);
  expect(existsSync(ours)).toBe(false);
  expect(await home.run(['ssh-config', '--remove'])).toMatchObject({ status: 0 });
});

test('ssh-config takes one of its flags, or a VM that there is', async () => {
  for (const argv of [
    ['--install', '--uninstall'],
    ['demo', '--install'],
  ])
    expect(await home.run(['ssh-config', ...argv])).toMatchObject({ status: 2 });
  const { status, stderr } = await home.run(['ssh-config', 'demo']);
  expect([status, stderr]).toEqual([1, expect.stringContaining("There is no VM 'demo'.")]);
  expect(existsSync(config())).toBe(false);
});
