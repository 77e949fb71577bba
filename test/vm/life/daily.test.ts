import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { entry } from '../../mvmctl.ts';
import { openWindow } from '../terminal.ts';
import { makeVmHome, small, type VmHome, type VmJson } from '../vm-home.ts';

let home: VmHome;
let first: VmJson;
beforeAll(async () => {
  home = makeVmHome();
  // The image is made before anybody waits for a prompt.
  expect((await home.run(['setup'])).status).toBe(0);
});
afterAll(() => home.destroy());

test('the first shell of a project tells how to get more than a busybox, once', async () => {
  const window = openWindow(home, [process.execPath, entry, 'dev', 'up', ...small]);
  await window.shows('root@project:~#');
  expect(window.raw()).toContain('mvmctl init');
  expect(window.raw()).toContain('--nixpkgs debian');
  window.close();
  await window.exited;
  const again = openWindow(home, [process.execPath, entry, 'dev', 'up']);
  await again.shows('root@project:~#');
  expect(again.raw()).not.toContain('mvmctl init');
  again.close();
  await again.exited;
  [first] = (await home.vms()) as [VmJson];
});

test('exec has the status of the command; --restart boots the same disk anew', async () => {
  const exec = await home.exec('sh', '-c', 'echo kept > /root/kept; sync; exit 5');
  expect([exec.status, exec.stderr]).toEqual([5, '']);
  const refused = await home.run(['dev', 'up', '-d', '--memory', '256M']);
  expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('--restart')]);
  const up = await home.run(['dev', 'up', '-d', '--json', '--restart', '--memory', '256M']);
  expect(up, up.stderr).toMatchObject({ status: 0 });
  const vm = JSON.parse(up.stdout) as VmJson & { memoryMib: number };
  expect(vm.memoryMib).toBe(256);
  expect(vm.pid).not.toBe(first.pid);
  expect(home.qemus()).toEqual([vm.pid]);
  expect((await home.exec('cat', '/root/kept')).stdout).toBe('kept\n');
});

test('a name from another project is told whose VM it is', async () => {
  const other = join(home.dir, 'other');
  mkdirSync(other);
  const { status, stderr } = await home.run(['dev', 'up', '-d', '--name', 'project'], { cwd: other });
  expect(status, stderr).toBe(0);
  expect(stderr).toContain(`VM 'project' was created in ${home.project}`);
});

test('rm of a VM that stands still says what it is', async () => {
  const [pid = 0] = home.qemus();
  process.kill(pid, 'SIGSTOP');
  try {
    const { status, stderr } = await home.run(['rm', 'project']);
    expect(status).toBe(1);
    expect(stderr).toMatch(/error: VM 'project' is frozen: .*\n.*mvmctl rm --force project/);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
});
