import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { entry } from '../../mvmctl.ts';
import { openWindow } from '../terminal.ts';
import { makeVmHome, small, type VmHome, type VmJson } from '../vm-home.ts';

let home: VmHome;
beforeEach(() => {
  home = makeVmHome();
});
afterEach(() => home.destroy());

interface Shown extends VmJson {
  since: string | null;
  reason: string | null;
}

const shown = async (): Promise<Shown> => (await home.vms())[0] as Shown;

/** From the signal to the process's end, in milliseconds. */
async function endOf(running: ReturnType<VmHome['start']>, signal: NodeJS.Signals) {
  const asked = performance.now();
  running.kill(signal);
  const result = await running.done;
  return { ...result, tookMs: performance.now() - asked };
}

test('a VM whose VMM was stopped is called so, nothing hangs on it, and it works again when it goes on', async () => {
  const { pid } = await home.up();
  const running = home.start(['exec', '--', 'sh', '-c', 'echo up; sleep 5; echo over']);
  await running.says('up');
  process.kill(pid, 'SIGSTOP');

  const asked = performance.now();
  const first = await shown();
  expect(first).toMatchObject({ status: 'not responding', pid });
  expect(first.reason).toContain(`its VMM (process ${pid}) was stopped by a signal`);
  // Three seconds for the guest; the rest is for a busy host.
  expect(performance.now() - asked).toBeLessThan(8000);
  expect((await shown()).since).toBe(first.since);
  expect((await home.run(['ls'])).stderr).toContain(`kill -CONT ${pid}`);
  const doctor = (await home.run(['doctor'])).stdout;
  expect(doctor).toMatch(/^! vms .* project is frozen: .* was stopped by a signal$/m);
  expect(doctor).toContain(`→ kill -CONT ${pid}`);

  await running.says(`kill -CONT ${pid}`);
  // More than a socket of QEMU lets wait.
  for (let i = 0; i < 3; i++) await shown();
  const second = home.start(['exec', '--', 'true']);
  const terminal = openWindow(home, [process.execPath, entry, 'exec', '-it', '--', 'sh']);
  await Promise.all([second.says('Waiting …'), terminal.shows('Ctrl-] twice leaves')]);
  terminal.type('\x1d\x1d');
  expect(await terminal.exited).toBe(130);
  const ended = await endOf(second, 'SIGTERM');
  expect(ended).toMatchObject({ status: 143, signal: null });
  expect(ended.tookMs).toBeLessThan(2000);

  const up = await home.run(['dev', 'up', '-d', ...small]);
  expect(up.status).toBe(1);
  expect(up.stderr).toMatch(
    /^error: VM 'project' is frozen: .*\(since \d\d:\d\d:\d\d\)\.\n {2}→ kill -CONT /m,
  );

  process.kill(pid, 'SIGCONT');
  expect(await running.done).toMatchObject({ status: 0, stdout: 'up\nover\n' });
  expect((await running.done).stderr).toContain("VM 'project' answers again.");
  expect(await shown()).toMatchObject({ status: 'running', since: null, reason: null });
});

test('a guest that stands still is told, and every command ends at the first TERM', async () => {
  await home.up();
  const running = home.start(['exec', '--', 'sh', '-c', 'trap "" TERM; echo up; sleep 1000']);
  await running.says('up');
  const halt = home.start(['exec', '--', 'busybox', 'halt', '-f']);
  await expect.poll(async () => (await shown()).status, { timeout: 30_000 }).toBe('not responding');
  expect(await endOf(halt, 'SIGINT')).toMatchObject({ status: 130 });
  await running.says('does not answer');
  const ended = await endOf(running, 'SIGTERM');
  expect(ended).toMatchObject({ status: 143 });
  expect(ended.tookMs).toBeLessThan(2500);
  expect(await home.run(['dev', 'status', '--json'])).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('"status": "not responding"'),
  });
  expect((await home.run(['inspect'])).stdout).toMatch(/^status +not responding for [^:]+: does not answer/m);
  const down = await home.run(['dev', 'down']);
  expect(down.status).toBe(0);
  expect(down.stderr).toContain("The guest of 'project' did not power off by itself; it was ended.");
  expect(home.qemus()).toEqual([]);
});

test('dev up waits for the end of a VM that powers off, and boots it anew', async () => {
  const first = await home.up();
  await home.exec('sh', '-c', '(trap "" TERM HUP; exec sleep 1000) & sleep 0.1');
  const down = home.start(['dev', 'down']);
  await down.says('Stopping project');
  await expect.poll(async () => (await shown()).status, { timeout: 10_000 }).toBe('stopping');
  down.kill('SIGKILL');
  await down.done;
  const up = await home.run(['dev', 'up', '-d', '--json', ...small]);
  expect(up.status).toBe(0);
  expect(up.stderr).toContain('Waiting for project to stop');
  const second = JSON.parse(up.stdout) as VmJson;
  expect(second.pid).not.toBe(first.pid);
  expect(await home.exec('echo', 'alive')).toMatchObject({ status: 0, stdout: 'alive\n' });

  // The same when the guest itself decides.
  await home.exec('sh', '-c', 'sync; poweroff');
  const third = await home.up();
  expect(third.pid).not.toBe(second.pid);
  expect(await home.exec('echo', 'alive')).toMatchObject({ status: 0, stdout: 'alive\n' });
});

/** By how much the guest's clock is off, in milliseconds: 0 where it lies between before and after the question. */
async function clockOff(): Promise<number> {
  const before = Date.now();
  const { stdout } = await home.exec('busybox', 'adjtimex');
  const after = Date.now();
  const [seconds = 0, micros = 0] = ['tv_sec', 'tv_usec'].map((name) =>
    Number(new RegExp(`${name}: *(\\d+)`).exec(stdout)?.[1]),
  );
  const at = seconds * 1000 + micros / 1000;
  return Math.max(0, before - at, at - after);
}

test("the guest's clock is the host's whenever a command runs, whatever stood still before", async () => {
  const { pid } = await home.up();
  expect(await clockOff()).toBeLessThan(100);
  // As after a night in which the whole machine slept.
  await home.exec('busybox', 'date', '-s', '2001-02-03 04:05:06');
  expect(await clockOff()).toBeLessThan(100);
  process.kill(pid, 'SIGSTOP');
  await delay(3000);
  process.kill(pid, 'SIGCONT');
  expect(await clockOff()).toBeLessThan(100);
});

test('of forty commands at once each gets a channel in its turn', async () => {
  await home.up();
  const results = await Promise.all(
    Array.from({ length: 40 }, (_, i) => home.exec('sh', '-c', `sleep 0.2; echo ${i}`)),
  );
  expect(results.map(({ status, stdout, stderr }) => [status, stdout, stderr])).toEqual(
    results.map((_, i) => [0, `${i}\n`, expect.not.stringContaining('error')]),
  );
});
