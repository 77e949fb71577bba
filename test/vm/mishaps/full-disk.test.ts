import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type SmallDisk, smallDisk } from '../../../src/state/small-disk.fixture.ts';
import { makeVmHome, small, type VmHome, type VmJson } from '../vm-home.ts';

let home: VmHome;
let disk: SmallDisk | undefined;
beforeEach(() => {
  home = makeVmHome();
});
afterEach(() => {
  disk?.unmount();
  home.destroy();
});

/** A running VM whose whole state is on a disk of its own. */
async function upOn(kind: 'tmpfs' | 'ext4'): Promise<SmallDisk | undefined> {
  disk = smallDisk(kind, join(home.dir, 'disk'), '200M');
  if (disk === undefined) return undefined;
  home.env.MVM_STATE_DIR = join(disk.dir, 'mvm');
  await home.up();
  return disk;
}

const commands = [
  ['dev', 'down'],
  ['stop', '--force', 'project'],
  ['rm', '--force', 'project'],
];

test.for([
  ...commands.map((argv) => ['tmpfs', argv] as const),
  ['ext4', ['dev', 'down']] as const,
])('on a full %s, %j ends the VM', async ([kind, argv], { skip }) => {
  const full = await upOn(kind);
  if (full === undefined) return skip('mounting needs root and, for ext4, a loop device');
  full.fill();
  const { status, stderr } = await home.run(argv);
  expect(stderr).not.toContain('error:');
  // It is known why the guest can't write its last; nobody waits for it.
  expect(stderr).not.toContain('did not power off by itself');
  expect(status).toBe(0);
  expect(home.qemus()).toEqual([]);
});

test('where the disk takes not even a name, dev down says so, and stops the VM all the same', async ({
  skip,
}) => {
  const full = await upOn('tmpfs');
  if (full === undefined) return skip('mounting a tmpfs needs root');
  full.fill();
  full.noNames();
  const { status, stderr } = await home.run(['dev', 'down']);
  expect({ status, qemus: home.qemus() }, stderr).toEqual({ status: 0, qemus: [] });
  expect(stderr).toMatch(/\/lock: the disk is full\. \S+ is stopped anyway\./);
  execFileSync('mount', ['-o', 'remount,nr_inodes=10000', full.dir]);
  full.empty();
  await home.up();
});

test.for([
  'tmpfs',
  'ext4',
] as const)('on a full %s a guest that writes is paused, said so, and goes on by itself with all it wrote', async (kind, {
  skip,
}) => {
  const full = await upOn(kind);
  if (full === undefined) return skip('mounting needs root and, for ext4, a loop device');
  full.fill();
  const writing = home.start([
    'exec',
    '--',
    'sh',
    '-c',
    'head -c 12000000 /dev/urandom >/root/big; sha256sum /root/big; sync; echo synced',
  ]);
  await writing.says("is paused: the host's disk is full");
  const [vm] = (await home.vms()) as (VmJson & { reason: string })[];
  expect(vm?.status).toBe('paused');
  expect(vm?.reason).toContain(`the host's disk is full (${vm?.dir}); it will continue on its own`);
  expect((await home.run(['ls'])).stderr).toContain(`df -h ${vm?.dir}`);
  const up = await home.run(['dev', 'up', '-d', ...small]);
  expect(up.status).toBe(1);
  expect(up.stderr).toContain("VM 'project' is paused: the host's disk is full");

  full.empty();
  const { stdout, stderr } = await writing.done;
  expect(stdout).toMatch(/^[0-9a-f]{64} {2}\/root\/big\nsynced\n$/);
  expect(stderr).toContain("VM 'project' answers again.");
  expect(await home.vms()).toMatchObject([{ status: 'running', pid: vm?.pid }]);
  expect((await home.run(['dev', 'down'])).status).toBe(0);
  await home.up();
  expect((await home.exec('sha256sum', '/root/big')).stdout).toBe(stdout.split('\n', 1)[0]?.concat('\n'));
});

test('dev down ends a guest that is paused for want of space, and says what that costs', async ({ skip }) => {
  const full = await upOn('tmpfs');
  if (full === undefined) return skip('mounting a tmpfs needs root');
  full.fill();
  const writing = home.start(['exec', '--', 'sh', '-c', 'head -c 12000000 /dev/urandom >/root/big; sync']);
  await writing.says("is paused: the host's disk is full");
  const { status, stderr } = await home.run(['dev', 'down']);
  expect({ status, qemus: home.qemus() }, stderr).toEqual({ status: 0, qemus: [] });
  expect(stderr).toContain("can't write, and is ended now");
  expect((await writing.done).status).toBe(1);
  full.empty();
  await home.up();
});
