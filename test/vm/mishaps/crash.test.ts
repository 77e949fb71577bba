import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { endProcess, makeVmHome, small, type VmHome, type VmJson } from '../vm-home.ts';

let home: VmHome;
beforeEach(() => {
  home = makeVmHome();
});
afterEach(() => home.destroy());

/** One QEMU, which mvmctl knows and whose guest answers. */
async function isWhole(vm: VmJson): Promise<void> {
  expect(home.qemus()).toEqual([vm.pid]);
  expect(await home.vms()).toMatchObject([{ name: 'project', status: 'running', pid: vm.pid }]);
  expect(await home.exec('echo', 'alive')).toMatchObject({ status: 0, stdout: 'alive\n', stderr: '' });
}

describe('kill -9 of mvmctl in the middle of dev up', () => {
  // Spread over all that dev up does: start of Node, records, disk, initrd, QEMU, boot.
  // (`npm run soak -- kills` takes others.)
  const moments = [60, 180, 300, 500, 900, 1500, 3000];

  test.each(moments)('after %i ms: the next dev up ends in one working VM', async (ms) => {
    const first = home.start(['dev', 'up', '-d', ...small]);
    const timer = setTimeout(() => first.kill('SIGKILL'), ms);
    await first.done;
    clearTimeout(timer);
    await isWhole(await home.up());
  });

  test.each([300, 1000])('after %i ms: the VM can be stopped, or was never there', async (ms) => {
    const first = home.start(['dev', 'up', '-d', ...small]);
    const timer = setTimeout(() => first.kill('SIGKILL'), ms);
    await first.done;
    clearTimeout(timer);
    const [vm] = await home.vms();
    const { stderr } = await home.run(['dev', 'down']);
    expect(stderr).not.toContain('bug:');
    if (vm !== undefined) expect(await home.vms()).toMatchObject([{ status: 'stopped' }]);
    expect(home.qemus()).toEqual([]);
  });
});

describe('kill -9 of QEMU', () => {
  test('is seen, and the next dev up has what was synced before', async () => {
    const vm = await home.up();
    // A file that was just written may have its length after a power cut, and zeros for its bytes.
    await home.exec('sh', '-c', 'echo synced >/root/file && head -c 147 /dev/zero >/etc/hosts && sync');
    const running = home.start(['exec', '--', 'sh', '-c', 'echo up; exec sleep 600']);
    await running.says('up');
    endProcess(vm.pid);
    const lost = await running.done;
    expect(lost.status).toBe(1);
    expect(lost.stderr).toMatch(/^error: /);
    await expect.poll(() => home.vms()).toMatchObject([{ status: 'stopped', pid: null }]);
    expect((await home.exec('true')).stderr).toContain("VM 'project' is stopped");

    await isWhole(await home.up());
    expect((await home.exec('cat', '/root/file')).stdout).toBe('synced\n');
    expect((await home.exec('cat', '/etc/hosts')).stdout).toContain('127.0.0.1\tlocalhost\n');
  });

  test('in the middle of a boot is one clear error at once, and the next dev up works', async () => {
    const first = home.start(['dev', 'up', '-d', ...small]);
    await expect.poll(() => home.qemus(), { interval: 10, timeout: 30_000 }).toHaveLength(1);
    const [pid = 0] = home.qemus();
    endProcess(pid);
    const { status, stderr } = await first.done;
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^error: .*(QEMU was killed by SIGKILL|ended right after it started \(signal SIGKILL\))/m,
    );
    expect(stderr.match(/^error: /gm)).toHaveLength(1);
    await isWhole(await home.up());
  });
});

describe('at once', () => {
  test.each([2, 4])('%i dev up end in one VM', async (count) => {
    const all = await Promise.all(Array.from({ length: count }, () => home.up()));
    expect(new Set(all.map((vm) => vm.pid)).size).toBe(1);
    await isWhole(all[0] as VmJson);
  });

  test('dev up and dev down leave a VM that runs or does not, never half of one', async () => {
    await home.up();
    const [down, up] = await Promise.all([
      home.run(['dev', 'down']),
      delay(100).then(() => home.run(['dev', 'up', '-d', ...small])),
    ]);
    expect([down.status, up.status]).toEqual([0, 0]);
    const [vm] = await home.vms();
    expect(home.qemus()).toHaveLength(vm?.status === 'running' ? 1 : 0);
  });
});

describe('Ctrl-C during dev up', () => {
  test.each([200, 700])('after %i ms leaves no QEMU', async (ms) => {
    const first = home.start(['dev', 'up', '-d', ...small]);
    const timer = setTimeout(() => first.kill('SIGINT'), ms);
    const { status, stderr } = await first.done;
    clearTimeout(timer);
    // Before mvmctl listens for it, the signal ends Node; a boot that was faster is a success.
    expect([130, null, 0]).toContain(status);
    expect(stderr).not.toContain('bug:');
    if (status !== 0) expect(home.qemus()).toEqual([]);
    await isWhole(await home.up());
  });
});
