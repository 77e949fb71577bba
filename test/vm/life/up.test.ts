import { afterEach, expect, test } from 'vitest';
import { entry, type Result, runProcess } from '../../mvmctl.ts';
import { type GuestConfig, guestHome, imageHome } from '../guest-image.ts';
import { makeRootfsImage } from '../rootfs-image.ts';
import { openWindow } from '../terminal.ts';
import { small, type VmHome } from '../vm-home.ts';

let home: VmHome;
afterEach(() => home.destroy());

const sh = (script: string) => ['/bin/sh', '-c', script];
const command = (script: string, more: object = {}): GuestConfig => ({
  entrypoint: { kind: 'command', argv: sh(script), ...more },
});
const up = (...more: string[]): Promise<Result> => home.run(['up', ...small, ...more]);
const statuses = async () => (await home.vms()).map(({ name, status }) => [name, status]);

test('an attached run has the output and the status of the entrypoint; only volumes are kept from one to the next', async () => {
  const script =
    'cat /var/lib/kept/runs /srv/runs; echo run >> /var/lib/kept/runs; mkdir -p /srv; echo run >> /srv/runs; echo words >&2; exit 7';
  home = await guestHome({ ...command(script), volumes: ['/var/lib/kept'] });
  const first = await up();
  expect(first, first.stderr).toMatchObject({ status: 7, stdout: '' });
  expect(first.stderr).toMatch(/^words$/m);
  expect(await statuses()).toEqual([['project-up', 'stopped']]);
  const second = await up();
  expect([second.status, second.stdout]).toEqual([7, 'run\n']);
});

test('a program that does not exist is named, and the status is 127', async () => {
  home = await guestHome({ entrypoint: { kind: 'command', argv: ['/usr/local/bin/serve'] } });
  const { status, stdout, stderr } = await up();
  expect([status, stdout], stderr).toEqual([127, '']);
  expect(stderr).toContain('/usr/local/bin/serve');
});

test('a second up attaches to the VM that runs; a signal to one of them stops it properly, and both say its status', async () => {
  home = await guestHome(
    command("trap 'echo bye; exit 3' TERM; echo hello; while :; do sleep 1 & wait $!; done"),
  );
  const first = home.start(['up', ...small]);
  await first.says('hello');
  const second = home.start(['up']);
  await second.says('hello');
  // Beside the program there is room for a shell: the image is accessible.
  expect(await home.exec('true')).toMatchObject({ status: 0 });
  const beside = openWindow(home, [process.execPath, entry, 'console', 'project-up']);
  await beside.shows('root@project-up:');
  beside.close();
  await beside.exited;
  first.kill('SIGINT');
  for (const { status, stdout } of await Promise.all([first.done, second.done])) {
    expect([status, stdout]).toEqual([3, 'hello\nbye\n']);
  }
  expect(await statuses()).toEqual([['project-up', 'stopped']]);
  expect(home.qemus()).toEqual([]);
});

test('a second Ctrl-C ends it at once', async () => {
  home = await guestHome(command("trap '' TERM; echo hello; sleep 600", { stopTimeout: 300 }));
  const stubborn = home.start(['up', ...small]);
  await stubborn.says('hello');
  stubborn.kill('SIGINT');
  await stubborn.says('Ctrl-C again');
  stubborn.kill('SIGINT');
  const ended = await stubborn.done;
  expect(ended, ended.stderr).toMatchObject({ status: 130 });
  expect(home.qemus()).toEqual([]);
});

test('a terminal that is closed stops the VM, and so do a reader that goes away and a full disk', async () => {
  home = await guestHome(command("trap 'exit 0' TERM; while :; do echo tick; sleep 1 & wait $!; done"));
  const window = openWindow(home, [process.execPath, entry, 'up', ...small]);
  await window.shows('tick');
  window.close();
  await window.exited;
  expect(await statuses()).toEqual([['project-up', 'stopped']]);
  const script = '{ "$0" "$1" up; echo "ended with $?" >&2; } | head -n 1';
  const { stdout, stderr } = await runProcess(['/bin/sh', '-c', script, process.execPath, entry], {
    cwd: home.project,
    env: home.env,
  });
  expect([stdout, stderr]).toEqual(['tick\n', expect.stringContaining('ended with 141')]);
  expect(home.qemus()).toEqual([]);
  const full = await runProcess(['/bin/sh', '-c', '"$0" "$1" up > /dev/full', process.execPath, entry], {
    cwd: home.project,
    env: home.env,
  });
  expect(full.status).toBe(1);
  expect(full.stderr).toContain("Can't write to standard output: ENOSPC");
  expect(home.qemus()).toEqual([]);
});

test('stop waits as long as the guest says that its services take', async () => {
  home = await guestHome({
    services: { stubborn: { command: sh("trap '' TERM; sleep 600"), stopTimeout: 17 } },
  });
  await home.up('--wait');
  const began = performance.now();
  const { status, stderr } = await home.run(['stop']);
  expect(status).toBe(0);
  expect(stderr).not.toContain('did not power off');
  expect(performance.now() - began).toBeGreaterThan(16_000);
});

test('--wait names the service that failed, why, and what it said last; the VM goes on', async () => {
  home = await guestHome({
    services: {
      good: { command: ['/bin/sleep', '600'] },
      bad: { command: sh('echo no such table; exit 4'), restart: 'no' },
    },
  });
  const { status, stderr } = await home.run(['dev', 'up', '--wait', ...small]);
  expect(status).toBe(1);
  expect(stderr).toMatch(/service bad .*has failed: .*4/);
  expect(stderr).toContain('| no such table');
  expect(await statuses()).toEqual([['project', 'running']]);
});

test('--wait tells after its time what is not ready, and returns when all is', async () => {
  home = await guestHome({
    services: {
      slow: { command: sh('echo warming; sleep 600'), ready: { file: '/run/warm' } },
      last: { command: ['/bin/sleep', '600'], after: ['slow'] },
    },
  });
  const late = await home.run(['dev', 'up', '--wait', '--wait-timeout', '2s', ...small]);
  expect(late.status).toBe(1);
  expect(late.stderr).toContain('not ready after 2 seconds');
  expect(late.stderr).toMatch(/last: waiting \(waits for slow\)/);
  expect(late.stderr).toContain('slow | warming');
  expect(await home.exec('touch', '/run/warm')).toMatchObject({ status: 0 });
  const ready = await home.run(['dev', 'up', '--wait', '--json']);
  expect(ready, ready.stderr).toMatchObject({ status: 0 });
  expect(JSON.parse(ready.stdout)).toMatchObject({ name: 'project', kind: 'dev', status: 'running' });
});

test('a shell as the entrypoint is opened, and leaving it ends the run; the dev VM goes on', async () => {
  home = await guestHome({});
  await home.up();
  const window = openWindow(home, [process.execPath, entry, 'up', ...small]);
  await window.shows('root@project-up:~#');
  const both = await home.run(['stop']);
  expect([both.status, both.stderr]).toEqual([2, expect.stringContaining('mvmctl stop project-up')]);
  // Without a name the project's dev VM is meant.
  expect((await home.exec('hostname')).stdout).toBe('project\n');
  window.type('exit 5\r');
  expect(await window.exited).toBe(5);
  expect(await statuses()).toEqual([
    ['project', 'running'],
    ['project-up', 'stopped'],
  ]);
  expect((await home.run(['stop'])).status).toBe(0);
});

test('a sealed image runs attached; console and exec are refused with the reason and the way', async () => {
  home = await imageHome((outDir) =>
    makeRootfsImage({
      outDir,
      agent: 'init-sealed',
      verified: true,
      guest: {
        entrypoint: {
          kind: 'command',
          argv: sh("trap 'exit 9' TERM; echo serving; while :; do sleep 1 & wait $!; done"),
          user: 'nobody',
        },
        accessible: false,
        sealed: true,
      },
      json: { name: 'shop', entrypointKind: 'command', accessible: false, sealed: true },
    }),
  );
  const worked = await home.run(['dev', 'up', '-d']);
  expect([worked.status, worked.stderr]).toEqual([1, expect.stringContaining('mvmctl up --profile dev')]);
  const run = home.start(['up', '--memory', '256M']);
  await run.says('serving');
  for (const argv of [['exec', '--', 'true'], ['console'], ['service', 'stop', 'web']]) {
    const { status, stderr } = await home.run(argv);
    expect(status).toBe(1);
    expect(stderr).toMatch(/image shop is sealed \(its entrypoint is a command/);
    expect(stderr).toContain('dev = true');
    expect(stderr).toContain('mvmctl dev up');
  }
  run.kill('SIGTERM');
  expect(await run.done).toMatchObject({ status: 9, stdout: 'serving\n' });
});
