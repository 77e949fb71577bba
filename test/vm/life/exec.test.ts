import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { poolPorts } from '../../../src/vm/boot/plan.ts';
import { entry, type Running, runProcess } from '../../mvmctl.ts';
import { makeVmHome, type VmHome } from '../vm-home.ts';

let home: VmHome;
beforeAll(async () => {
  home = makeVmHome();
  await home.up();
});
afterAll(() => home.destroy());

/** Resolves when no process of the guest has this in its command line. */
const goneFromGuest = (text: string) =>
  expect.poll(() => home.guestProcesses(text), { timeout: 15_000 }).toEqual([]);

describe('exec', () => {
  test('keeps stdout and stderr apart and ends with the status of the command', async () => {
    const result = await home.exec('sh', '-c', 'echo out; echo err >&2; exit 7');
    expect(result).toMatchObject({ status: 7, stdout: 'out\n', stderr: 'err\n' });
  });

  test('runs a Linux of the architecture that was asked for', async () => {
    const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
    expect(await home.exec('uname', '-sm')).toMatchObject({ status: 0, stdout: `Linux ${machine}\n` });
  });

  test('passes on an input that has no bytes', async () => {
    // The end of such an input may be there before the guest has answered.
    for (let i = 0; i < 8; i++) {
      expect(await home.run(['exec', '-i', '--', 'cat'])).toMatchObject({
        status: 0,
        stdout: '',
        stderr: '',
      });
    }
  });

  test('ends with 127 where there is no such program', async () => {
    const { status, stderr } = await home.exec('no-such-program');
    expect(status).toBe(127);
    expect(stderr).toContain('no-such-program');
  });

  test('ends with 126 where the file is not executable', async () => {
    const { status, stderr } = await home.exec('/etc/passwd');
    expect(status).toBe(126);
    expect(stderr).toContain('/etc/passwd');
  });

  test('ends with 128+n where signal n ended the command', async () => {
    expect((await home.exec('sh', '-c', 'kill -9 $$')).status).toBe(137);
    expect((await home.exec('sh', '-c', 'kill -TERM $$')).status).toBe(143);
  });

  test('passes a megabyte of binary input and output unchanged', async () => {
    const input = randomBytes(1_000_000);
    const back = await home.run(['exec', '-i', '--', 'cat'], { input });
    expect(back).toMatchObject({ status: 0, stderr: '' });
    expect(back.bytes.equals(input)).toBe(true);
  });

  test('hands a command all of its input before the end of it', async () => {
    const input = randomBytes(3_000_000);
    const { stdout } = await home.run(['exec', '-i', '--', 'sha256sum'], { input });
    expect(stdout).toBe(`${createHash('sha256').update(input).digest('hex')}  -\n`);
  });

  test('gives a command no input without -i', async () => {
    expect(await home.run(['exec', '--', 'cat'], { input: 'not for the guest' })).toMatchObject({
      status: 0,
      stdout: '',
    });
  });

  test('ends although its input stays open and the command does not read it', async () => {
    const running = home.start(['exec', '-i', '--', 'echo', 'done']);
    expect(await running.done).toMatchObject({ status: 0, stdout: 'done\n' });
  });

  test('sets variables, working directory and user', async () => {
    const set = await home.run(
      [
        'exec',
        '-e',
        'A=b c',
        '-e',
        'FROM_HERE',
        '-w',
        '/usr',
        '-u',
        'nobody',
        '--',
        'sh',
        '-c',
        'echo "$A|$FROM_HERE|$PWD|$(id -un)"',
      ],
      { env: { FROM_HERE: 'host' } },
    );
    expect(set).toMatchObject({ status: 0, stdout: 'b c|host|/usr|nobody\n' });
  });

  test('names a user or directory that the guest does not have', async () => {
    const user = await home.run(['exec', '-u', 'nessuno', '--', 'true']);
    expect(user.status).toBe(1);
    expect(user.stderr).toContain('nessuno');
    const dir = await home.run(['exec', '-w', '/no/such', '--', 'true']);
    expect(dir.status).toBe(1);
    expect(dir.stderr).toContain('/no/such');
  });

  test('Ctrl-C reaches the command, and nothing of it is left in the guest', async () => {
    const running = home.start(['exec', '--', 'sh', '-c', 'echo up; exec sleep 47110']);
    await running.says('up');
    expect(await home.guestProcesses('sleep 47110')).toHaveLength(1);
    running.kill('SIGINT');
    expect(await running.done).toMatchObject({ status: 130 });
    await goneFromGuest('sleep 47110');
  });

  test('a command that catches TERM decides what its end is', async () => {
    const script = 'trap "echo caught; exit 9" TERM; echo up; while :; do sleep 0.1; done';
    const running = home.start(['exec', '--', 'sh', '-c', script]);
    await running.says('up');
    running.kill('SIGTERM');
    expect(await running.done).toMatchObject({ status: 9, stdout: 'up\ncaught\n' });
  });

  test('a killed mvmctl takes its command in the guest with it', async () => {
    const running = home.start(['exec', '--', 'sh', '-c', 'trap "" HUP; echo up; sleep 47111; sleep 47111']);
    await running.says('up');
    running.kill('SIGKILL');
    await running.done;
    await goneFromGuest('sleep 47111');
  });

  test('an endless writer ends when its reader goes away', async () => {
    const running = home.start(['exec', '--', 'yes']);
    await running.says('y\n');
    const head = await runProcess(['sh', '-c', `"$0" "$1" exec -- yes | head -1`, process.execPath, entry], {
      cwd: home.project,
      env: home.env,
    });
    expect(head).toMatchObject({ status: 0, stdout: 'y\n' });
    running.kill('SIGTERM');
    await running.done;
    await goneFromGuest('yes');
  });

  test('a process in the background does not hold its exec open', async () => {
    const result = await home.exec('sh', '-c', 'sleep 47112 & echo done');
    expect(result).toMatchObject({ status: 0, stdout: 'done\n' });
    expect(await home.guestProcesses('sleep 47112')).toHaveLength(1);
    await home.exec('killall', 'sleep');
  });

  test('100 in a row and 8 at once, ten times, all answer', async () => {
    for (let i = 0; i < 100; i++) {
      const { status, stdout, stderr } = await home.exec('echo', String(i));
      expect([status, stdout, stderr]).toEqual([0, `${i}\n`, '']);
    }
    for (let round = 0; round < 10; round++) {
      const all = await Promise.all(Array.from({ length: 8 }, (_, i) => home.exec('echo', `${round}.${i}`)));
      expect(all.map(({ status, stdout, stderr }) => [status, stdout, stderr])).toEqual(
        Array.from({ length: 8 }, (_, i) => [0, `${round}.${i}\n`, '']),
      );
    }
  });

  test('one more than there are channels waits, says so, and runs when one is free; questions never wait', async () => {
    // The last port is for questions.
    const all: Running[] = Array.from({ length: poolPorts - 1 }, () =>
      home.start(['exec', '--', 'sh', '-c', 'echo up; exec sleep 47113']),
    );
    await Promise.all(all.map((running) => running.says('up')));
    const waiting = home.start(['exec', '--', 'echo', 'at last']);
    await waiting.says("All channels of 'project' are in use; waiting until a console or exec ends …");
    expect(await home.vms()).toMatchObject([{ status: 'running' }]);
    const ended = home.start(['exec', '--', 'echo', 'never']);
    await ended.says('All channels');
    ended.kill('SIGTERM');
    expect(await ended.done).toMatchObject({ status: 143, stdout: '' });
    all[0]?.kill('SIGTERM');
    expect(await waiting.done).toMatchObject({ status: 0, stdout: 'at last\n' });
    expect((await home.run(['dev', 'down'])).status).toBe(0);
    await Promise.all(all.map((running) => running.done));
  });
});
