import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { guestHome } from '../guest-image.ts';
import { consoleArgv, openWindow } from '../terminal.ts';
import { makeVmHome, type VmHome } from '../vm-home.ts';

let home: VmHome;
beforeAll(() => {
  home = makeVmHome();
});
afterAll(() => home?.destroy());

test('a dev VM has its user’s files and git identity at each start', async () => {
  execFileSync('git', ['config', '--global', 'user.name', 'Ada Lovelace'], { env: home.env });
  const file = join(home.env.HOME ?? '', '.rc');
  writeFileSync(file, 'first\n');
  chmodSync(file, 0o600);
  writeFileSync(join(home.project, 'mvm.toml'), '[dev]\nfiles = { "~/.rc" = "~/.config/rc" }\n');
  await home.up();
  const script = 'cat "$GIT_CONFIG_SYSTEM"; stat -c "%a %U" ~/.config/rc; cat ~/.config/rc';
  const look = async () => (await home.exec('sh', '-c', script)).stdout;
  expect(await look()).toBe(
    '[include]\n\tpath = /etc/gitconfig\n[user]\n\tname = "Ada Lovelace"\n600 root\nfirst\n',
  );

  expect(await home.run(['dev', 'down'])).toMatchObject({ status: 0 });
  writeFileSync(file, 'second\n');
  execFileSync('git', ['config', '--global', '--unset', 'user.name'], { env: home.env });
  await home.up();
  expect((await home.exec('sh', '-c', `${script}; ls /run/mvm`)).stdout).toBe('600 root\nsecond\n');
});

/** A program of this host with the libraries that it needs, as a tar. */
function packed(program: string): Buffer {
  const libraries = execFileSync('ldd', [program]).toString().match(/\/\S+/g) ?? [];
  return execFileSync('tar', ['-ch', '-C', '/', ...[program, ...libraries].map((path) => path.slice(1))], {
    maxBuffer: 2 ** 26,
  });
}

test.skipIf(!existsSync('/bin/bash'))(
  'the history of a shell that still runs when its VM is stopped is there after the next start',
  async () => {
    home.destroy();
    const argv = ['/bin/sh', '-c', '[ -x /bin/bash ] && exec /bin/bash; exec /bin/sh'];
    home = await guestHome({ entrypoint: { kind: 'shell', argv } });
    await home.up();
    const unpacked = await home.run(['exec', '-i', '--', 'tar', 'x', '-C', '/'], {
      input: packed('/bin/bash'),
    });
    expect(unpacked, unpacked.stderr).toMatchObject({ status: 0 });
    const window = openWindow(home, consoleArgv);
    await window.shows(/[#$] $/m);
    window.type('echo "$0" remembers\n');
    await window.shows('\n/bin/bash remembers');
    expect(await home.run(['dev', 'down'])).toMatchObject({ status: 0 });
    await window.exited;
    await home.up();
    const again = openWindow(home, consoleArgv);
    await again.shows(/[#$] $/m);
    again.type('\x1b[A');
    await again.shows('echo "$0" remembers');
    again.close();
  },
);
