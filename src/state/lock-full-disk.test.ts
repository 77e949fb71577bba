import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MvmError } from '../errors/mvm-error.ts';
import { acquireLock, lockHolder, tryLock } from './lock.ts';
import { type SmallDisk, smallDisk } from './small-disk.fixture.ts';

let folder: string;
let disk: SmallDisk | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mvm-full-'));
});
afterEach(() => {
  disk?.unmount();
  rmSync(folder, { recursive: true, force: true });
});

const noMount = 'mounting needs root and, for ext4, a loop device';

test.for([
  'tmpfs',
  'ext4',
] as const)('on %s, full to the last byte, a lock is taken, stolen and released', async (kind, { skip }) => {
  disk = smallDisk(kind, join(folder, 'disk'), kind === 'tmpfs' ? '256k' : '2M');
  if (disk === undefined) return skip(noMount);
  disk.fill();
  expect(() => writeFileSync(join(disk?.dir ?? '', 'new'), 'x')).toThrow('ENOSPC');
  const path = join(disk.dir, 'lock');
  const first = await acquireLock(path, { what: 'it' });
  expect(await lockHolder(path)).toBe(process.pid);
  expect(await tryLock(path)).toBeUndefined();
  await first.release();
  expect(readdirSync(disk.dir)).not.toContain('lock');
});

test('where not even a name fits: only who says so goes on without, and a living holder is waited for all the same', async ({
  skip,
}) => {
  disk = smallDisk('tmpfs', join(folder, 'disk'), '256k');
  if (disk === undefined) return skip(noMount);
  const held = join(disk.dir, 'held');
  await tryLock(held);
  disk.noNames();
  const path = join(disk.dir, 'lock');
  await expect(acquireLock(path, { what: 'it' })).rejects.toMatchObject({ code: 'STATE_WRITE' });
  const said: MvmError[] = [];
  const lock = await acquireLock(path, { what: 'it', orWithout: (why) => said.push(why) });
  expect(said.map(({ message }) => message)).toEqual([`Can't write ${path}: the disk is full.`]);
  await lock.release();
  await expect(
    acquireLock(held, { what: 'it', waitMs: 20, orWithout: (why) => said.push(why) }),
  ).rejects.toMatchObject({ code: 'VM_BUSY' });
  expect(said).toHaveLength(1);
});
