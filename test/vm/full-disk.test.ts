import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type SmallDisk, smallDisk } from '../../src/state/small-disk.fixture.ts';
import { makeVmHome, type VmHome } from './vm-home.ts';

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
  expect(status).toBe(0);
  expect(home.qemus()).toEqual([]);
});

test('where the disk takes not even a name, dev down says that it goes on without a lock', async ({
  skip,
}) => {
  const full = await upOn('tmpfs');
  if (full === undefined) return skip('mounting a tmpfs needs root');
  full.fill();
  full.noNames();
  const { status, stderr } = await home.run(['dev', 'down']);
  expect({ status, qemus: home.qemus() }, stderr).toEqual({ status: 0, qemus: [] });
  expect(stderr).toContain('Going on without a lock.');
  execFileSync('mount', ['-o', 'remount,nr_inodes=10000', full.dir]);
  full.empty();
  await home.up();
});
