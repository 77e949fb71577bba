import { execFileSync } from 'node:child_process';
import { renameSync } from 'node:fs';
import { mkdir, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { identify } from '../process/identity.ts';
import { acquireLock, lockHolder, tryLock } from './lock.ts';
import { temporaryFolder } from './temporary-folder.fixture.ts';

async function lockPath(): Promise<string> {
  return join(temporaryFolder('mvm-lock-'), 'lock');
}

test('a held lock is refused, a released one is free again', async () => {
  const path = await lockPath();
  const first = await tryLock(path);
  expect(first).toBeDefined();
  expect(await tryLock(path)).toBeUndefined();
  await first?.release();
  expect(await tryLock(path)).toBeDefined();
});

test('a dead owner’s lock is taken over, whatever its pid is now', async () => {
  const path = await lockPath();
  await writeFile(path, JSON.stringify({ pid: process.pid, startTime: 'another process', token: 'x' }));
  const lock = await tryLock(path);
  expect(lock).toBeDefined();
  expect(await readdir(join(path, '..'))).toEqual(['lock']);
});

test('a lock takes no more than an inode holds', async () => {
  const path = await lockPath();
  await tryLock(path);
  expect(Buffer.byteLength(await readlink(path))).toBeLessThanOrEqual(59);
});

test.each([
  `${process.pid}:token:another process`,
  '999999999:token:gone',
  '12',
  'to/another/file',
])('a link to %s counts as a dead owner', async (target) => {
  const path = await lockPath();
  await symlink(target, path);
  expect(await lockHolder(path)).toBeUndefined();
  expect(await tryLock(path)).toBeDefined();
  expect(await readdir(join(path, '..'))).toEqual(['lock']);
});

test('a file of an older version whose owner lives is held', async () => {
  const path = await lockPath();
  await writeFile(path, JSON.stringify({ ...(await identify(process.pid)), token: 'old' }));
  expect(await lockHolder(path)).toBe(process.pid);
  expect(await tryLock(path)).toBeUndefined();
});

test('a folder in its place is an error with its path', async () => {
  const path = await lockPath();
  await mkdir(path);
  await expect(tryLock(path)).rejects.toMatchObject({
    code: 'STATE_WRITE',
    message: expect.stringContaining(path),
  });
});

test('a truncated lock file counts as a dead owner', async () => {
  const path = await lockPath();
  await writeFile(path, '{"pid": 12');
  expect(await tryLock(path)).toBeDefined();
});

test.each([
  ['link', (path: string) => symlink('999999999:x:gone', path)],
  ['file', (path: string) => writeFile(path, '{"pid":999999999,"startTime":"gone","token":"x"}')],
])('of many that see the same dead owner (a %s) exactly one gets the lock', async (_, make) => {
  const path = await lockPath();
  await make(path);
  const locks = await Promise.all(Array.from({ length: 20 }, () => tryLock(path)));
  expect(locks.filter((lock) => lock !== undefined)).toHaveLength(1);
});

test('a waiter gets the lock when it is released and says once that it waits', async () => {
  const path = await lockPath();
  const first = await acquireLock(path, { what: 'it' });
  const waits: number[] = [];
  const second = acquireLock(path, { what: 'it', onWait: (pid) => waits.push(pid) });
  await expect.poll(() => waits).toEqual([process.pid]);
  await first.release();
  await (await second).release();
  expect(waits).toEqual([process.pid]);
});

test('a lock that stays held ends in VM_BUSY naming the holder', async () => {
  const path = await lockPath();
  await acquireLock(path, { what: 'it' });
  await expect(acquireLock(path, { what: "VM 'demo'", waitMs: 50 })).rejects.toMatchObject({
    code: 'VM_BUSY',
    message: expect.stringContaining(`process ${process.pid}`),
  });
});

test('releasing a lock that was stolen leaves the thief’s in place', async () => {
  const path = await lockPath();
  const first = await tryLock(path);
  await rm(path);
  await symlink(`${process.pid}:thief:x`, path);
  await first?.release();
  expect(await readdir(join(path, '..'))).toEqual(['lock']);
});

test('a process that leaves by process.exit() leaves no lock behind', async () => {
  const path = await lockPath();
  const program = `const { tryLock } = await import(process.argv[1]);
    process.exit((await tryLock(process.argv[2])) === undefined ? 1 : 0);`;
  execFileSync(process.execPath, [
    '--input-type=module',
    '-e',
    program,
    join(import.meta.dirname, 'lock.ts'),
    path,
  ]);
  expect(await readdir(join(path, '..'))).toEqual([]);
});

test('a lock whose folder goes while it is waited for is an error that says so', async () => {
  const dir = join(temporaryFolder('mvm-lock-'), 'vm');
  await mkdir(dir);
  await tryLock(join(dir, 'lock'));
  // At once: a folder that is emptied file by file has a free lock for a moment.
  const onWait = () => renameSync(dir, `${dir}.removed`);
  await expect(acquireLock(join(dir, 'lock'), { what: 'a VM', onWait })).rejects.toMatchObject({
    code: 'STATE_WRITE',
    message: expect.stringContaining('is gone'),
  });
});
