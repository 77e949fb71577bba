import { afterAll, beforeAll, expect, test } from 'vitest';
import { entry } from '../../mvmctl.ts';
import { openWindow } from '../terminal.ts';
import { makeVmHome, type VmHome } from '../vm-home.ts';

let home: VmHome;
beforeAll(async () => {
  home = makeVmHome();
  await home.up();
});
afterAll(() => home?.destroy());

interface UsageJson {
  name: string;
  status: string;
  cpuMs: number;
  cpuPercent: number;
  hostMemoryBytes: number;
  guestMemoryUsedBytes: number;
  guestMemoryTotalBytes: number;
  diskBytes: number;
  diskSizeBytes: number;
  sentBytes: number;
}

async function reading(): Promise<UsageJson> {
  const result = await home.run(['stats', '--json']);
  expect(result, result.stderr).toMatchObject({ status: 0 });
  const [usage] = JSON.parse(result.stdout) as UsageJson[];
  if (usage === undefined) throw new Error('no usage');
  return usage;
}

test('stats tells what a VM uses, and that it works when it does', async () => {
  const idle = await reading();
  expect(idle).toMatchObject({ name: 'project', status: 'running', diskSizeBytes: 16 * 2 ** 30 });
  expect(idle.hostMemoryBytes).toBeGreaterThan(20e6);
  expect(idle.guestMemoryTotalBytes).toBeGreaterThan(100e6);
  expect(idle.guestMemoryTotalBytes).toBeLessThan(192 * 2 ** 20);
  const work = 'dd if=/dev/urandom of=/root/file bs=1M count=20 && sync';
  expect(await home.exec('sh', '-c', work)).toMatchObject({ status: 0 });
  const now = await reading();
  expect(now.cpuMs).toBeGreaterThan(idle.cpuMs + 100);
  expect(now.cpuPercent).toBeGreaterThanOrEqual(0);
  expect(now.diskBytes).toBeGreaterThan(idle.diskBytes + 10e6);
});

test('on a terminal it is kept up to date, also on a narrow one, until q or Ctrl-C', async () => {
  const script =
    'stty -a > before; "$0" "$1" stats; s=$?; stty -a > after; cmp before after && echo "STATUS $s"';
  for (const key of ['q', '\x03']) {
    const window = openWindow(home, ['sh', '-c', script, process.execPath, entry], 24, 50);
    await window.shows(/NAME +CPU.*\nproject +\d+\.\d %.*\n\nq ends this/);
    const before = window.raw().length;
    await expect.poll(() => window.raw().length).toBeGreaterThan(before);
    // Drawn over what is there: the screen is never empty.
    expect(window.raw()).not.toContain('\x1b[2J');
    window.type(key);
    await window.shows(/project +\d[\s\S]*STATUS 0/);
    expect(await window.exited).toBe(0);
  }
});

test('without a terminal there is one reading, and a VM that does not run is told as that', async () => {
  const { stdout } = await home.run(['stats', 'project']);
  expect(stdout.split('\n')).toHaveLength(3);
  await home.run(['dev', 'down']);
  expect(await home.run(['stats'])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("VM 'project' is stopped"),
  });
  expect(JSON.parse((await home.run(['stats', '--all', '--json'])).stdout)).toEqual([]);
});
