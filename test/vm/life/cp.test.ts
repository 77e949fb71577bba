import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { smallDisk } from '../../../src/state/small-disk.fixture.ts';
import { makeVmHome, type VmHome } from '../vm-home.ts';

let home: VmHome;
let round = 0;
/** A folder of the host for each test, and of the guest. */
let here: string;
let there: string;
beforeAll(async () => {
  home = makeVmHome();
  writeFileSync(join(home.project, 'mvm.toml'), '');
  await home.up();
});
afterAll(() => home.destroy());
beforeEach(async () => {
  here = join(home.project, `here${++round}`);
  there = `/root/there${round}`;
  mkdirSync(here);
  await inGuest(`mkdir ${there}`);
});

async function inGuest(script: string): Promise<string> {
  const { status, stdout, stderr } = await home.exec('sh', '-c', script);
  expect(status, stderr).toBe(0);
  return stdout.trim();
}

async function cp(...words: string[]): Promise<void> {
  const { status, stdout, stderr } = await home.run(['cp', ...words], { cwd: here });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
}

/** The words of one that fails. */
async function refused(...words: string[]): Promise<string> {
  const { status, stderr } = await home.run(['cp', ...words], { cwd: here });
  expect(status, stderr).toBeGreaterThan(0);
  expect(stderr).not.toContain('bug:');
  return stderr.replaceAll(home.dir, '~');
}

/** No name of anything incomplete is left in the guest's folder, soon. */
const nothingLeft = (): Promise<void> => expect.poll(() => inGuest(`ls -A ${there}`)).toBe('');

test('a tree goes to the VM and comes back as it was', async () => {
  const odd = Buffer.concat([Buffer.from(`${here}/tree/`), Buffer.from('caf\xe9\xff\n', 'latin1')]);
  mkdirSync(join(here, 'tree/sub'), { recursive: true });
  writeFileSync(odd, 'bytes');
  chmodSync(odd, 0o750);
  linkSync(odd, join(here, 'tree/sub/hard'));
  symlinkSync('../../outside', join(here, 'tree/sub/link'));
  writeFileSync(join(here, 'tree/sparse'), '');
  truncateSync(join(here, 'tree/sparse'), 50e6);
  writeFileSync(join(here, 'tree/big'), Buffer.alloc(3_000_001, 'some content '));
  spawnSync('touch', ['-d', '@1700000000.123456789', join(here, 'tree/big')]);
  await cp('-r', 'tree', `:${there}`);
  const stat = `stat -c '%n %a %u %s %h %Y' big sparse sub/hard; stat -c %y big; readlink sub/link; du -k sparse`;
  expect((await inGuest(`cd ${there}/tree && ${stat}`)).split('\n')).toEqual([
    'big 644 0 3000001 1 1700000000',
    expect.stringMatching(/^sparse 644 0 50000000 1 /),
    expect.stringMatching(/^sub\/hard 750 0 5 2 /),
    '2023-11-14 22:13:20.123456789 +0000',
    '../../outside',
    expect.stringMatching(/^\d{1,2}\tsparse$/),
  ]);
  await cp('-r', `project:${there}/tree/`, 'back');
  expect(
    spawnSync('diff', ['-r', '--no-dereference', 'tree', 'back'], { cwd: here, encoding: 'utf8' }),
  ).toMatchObject({
    status: 0,
    stdout: '',
  });
  const [back, hard] = [lstatSync(join(here, 'back/sparse')), lstatSync(join(here, 'back/sub/hard'))];
  expect([back.blocks < 100, hard.nlink, (hard.mode & 0o777).toString(8)]).toEqual([true, 2, '750']);
});

test('within a VM, from standard input, to standard output', async () => {
  const sent = await home.run(['cp', '-', `:${there}/f`], { input: Buffer.from([0, 255, 10]) });
  expect(sent).toMatchObject({ status: 0, stderr: '' });
  await cp('-r', `:${there}`, `project:${there}.copy`);
  expect((await home.run(['cp', `:${there}.copy/there${round}/f`, '-'])).bytes).toEqual(
    Buffer.from([0, 255, 10]),
  );
  expect(await refused('-r', `:${there}`, `:${there}/sub`)).toContain('or in it');
  expect(await refused(`:${there}/f`, `:${there}`)).toContain('the same');
  expect(await refused('-r', `:${there}`, '-')).toContain('tar c');
});

test('a file that is replaced keeps its owner; what only the kernel has can be read; set-id bits stay behind', async () => {
  await inGuest(`cd ${there} && echo old > f && chown 65534:12 f && touch s && chmod 6755 s && mkfifo p`);
  writeFileSync(join(here, 'f'), 'new');
  await cp('f', `:${there}`);
  expect(await inGuest(`cd ${there} && stat -c '%u:%g' f && cat f`)).toBe('65534:12\nnew');
  await cp(':/proc/cpuinfo', 'cpus');
  expect(readFileSync(join(here, 'cpus'), 'utf8')).toContain('processor');
  const { status, stderr } = await home.run(['cp', '-r', `:${there}`, 'out'], { cwd: here });
  expect([status, stderr]).toEqual([0, `warning: ${there}/p is a FIFO, and is not copied.\n`]);
  expect((lstatSync(join(here, `out/there${round}/s`)).mode & 0o7777).toString(8)).toBe('755');
  expect(readdirSync(join(here, `out/there${round}`)).sort()).toEqual(['f', 's']);
});

test('what can not be copied is said in one error, with the command to type where there is one', async () => {
  mkdirSync(join(here, 'dir'));
  writeFileSync(join(here, 'f'), '');
  expect(await refused('dir', 'project:')).toBe('error: dir is a folder.\n  → mvmctl cp -r dir project:\n');
  expect(await refused(':/etc', 'a b')).toBe(
    "error: project:/etc is a folder.\n  → mvmctl cp -r :/etc 'a b'\n",
  );
  expect(await refused('f', 'projekt:')).toContain('did you mean project?');
  expect(await refused('f', 'g')).toContain('written VM:PATH');
  expect(await refused('none', ':')).toContain("Can't read none: no such file or folder.");
  expect(await refused(':/none', '.')).toContain("Can't read project:/none: no such file or folder.");
  expect(await refused('f', ':/none/f')).toContain("Can't write project:/none/f: there is no folder /none.");
  expect(await refused('-r', 'dir', ':/etc/passwd')).toContain(
    "Can't write project:/etc/passwd: it is not a folder.",
  );
  expect(await refused(':/etc/passwd', 'none/f')).toContain("Can't write none/f: there is no folder none.");
  expect(await refused('f', ':/proc/f')).toContain("Can't write project:/proc/f: ");
  expect(await refused('f', ':/dev/null')).toContain(
    "Can't write project:/dev/null: it is a device, which is not replaced.",
  );
});

test('the agent is not led out of the target by a link that was there', async () => {
  await inGuest(`mkdir ${there}.out && ln -s ${there}.out ${there}/tree`);
  mkdirSync(join(here, 'tree'));
  writeFileSync(join(here, 'tree/f'), '');
  expect(await refused('-r', 'tree', `:${there}`)).toContain(
    `Can't write project:${there}/tree: a symbolic link is there`,
  );
  expect(await inGuest(`ls -A ${there}.out`)).toBe('');
  // Who names the link means where it leads.
  await cp('-r', 'tree/', `:${there}/tree`);
  expect(await inGuest(`ls -A ${there}.out`)).toBe('f');
});

describe('a copy that is cut', () => {
  test.each([
    'SIGKILL',
    'SIGTERM',
    'SIGINT',
  ] as const)('by %s leaves nothing in the guest', async (signal) => {
    const copying = home.start(['cp', '-', `:${there}/f`]);
    copying.stdin.write(Buffer.alloc(300_000));
    await expect.poll(() => inGuest(`ls -A ${there}`)).toMatch(/^\.mvm-cp-/);
    const begun = performance.now();
    copying.kill(signal);
    const { status } = await copying.done;
    expect(performance.now() - begun).toBeLessThan(2000);
    expect(status).toBe({ SIGKILL: null, SIGTERM: 143, SIGINT: 130 }[signal]);
    await nothingLeft();
  });

  test('leaves nothing on the host, and what a killed one leaves goes with the next', async () => {
    const fifo = `mkfifo ${there}/p; mkdir ${there}/d; head -c 20000000 /dev/zero > ${there}/d/big`;
    await inGuest(fifo);
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const copying = home.start(['cp', '-r', `:${there}/d`, here]);
      await expect.poll(() => readdirSync(here), { interval: 5 }).not.toEqual([]);
      copying.kill(signal);
      await copying.done;
      expect(readdirSync(here)).toEqual(signal === 'SIGTERM' ? [] : [expect.stringMatching(/^\.mvm-cp-/)]);
    }
    await cp(':/etc/passwd', here);
    expect(readdirSync(here)).toEqual(['passwd']);
  });
});

test('a full disk on either side is an error that names the file, and leaves nothing', async ({ skip }) => {
  const big = join(here, 'big');
  writeFileSync(big, Buffer.alloc(6_000_000, 'x'));
  await inGuest(`mount -t tmpfs -o size=2m tmpfs ${there}`);
  expect(await refused('big', `:${there}`)).toContain(`Can't write project:${there}/big: the disk is full.`);
  await nothingLeft();
  await inGuest(`umount ${there}`);
  await cp('big', `:${there}`);
  const disk = smallDisk('tmpfs', join(here, 'disk'), '2M');
  if (disk === undefined) return skip('mounting a tmpfs needs root');
  const text = await refused(`:${there}/big`, 'disk');
  expect(text).toContain("Can't write disk/big: the disk is full.");
  expect(readdirSync(disk.dir)).toEqual([]);
  disk.unmount();
});

test('a VM that is killed in the middle has no half file afterwards, and one that is off says so', async () => {
  const copying = home.start(['cp', '-', `:${there}/f`]);
  copying.stdin.write(Buffer.alloc(3_000_000, 'x'));
  await expect.poll(() => inGuest(`ls -A ${there}`)).toMatch(/^\.mvm-cp-/);
  await inGuest('sync');
  for (const pid of home.qemus()) process.kill(pid, 'SIGKILL');
  const { status, stderr } = await copying.done;
  expect(status, stderr).toBe(1);
  expect(stderr).toContain('The connection to the guest ended');
  expect(await refused(':/etc/passwd', 'x')).toContain('mvmctl dev up');
  await home.up();
  expect(await inGuest(`ls -A ${there}`)).toMatch(/^\.mvm-cp-/);
  writeFileSync(join(here, 'g'), '');
  await cp('g', `:${there}`);
  expect(await inGuest(`ls -A ${there}`)).toBe('g');
});
