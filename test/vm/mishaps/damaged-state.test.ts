import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { vmUuid } from '../../../src/backend/qemu/plan/uuid.ts';
import { identify } from '../../../src/process/identity.ts';
import { vmPaths } from '../../../src/state/paths.ts';
import { bootRecords, ownArch, vmmRecords, vmRecords } from '../../../src/vm/state/record.ts';
import { fakeQemu } from '../../fakes/qemu.ts';
import { entry, type Result, runProcess, testCache } from '../../mvmctl.ts';
import { makeVmHome } from '../vm-home.ts';

/** Root may read everything: it runs mvmctl as somebody who may not. */
const root = process.getuid?.() === 0;
const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
const as = root ? nobody : [];

const id = '0123456789ab';
let dir: string;
let env: NodeJS.ProcessEnv;
let project: string;
let qemu: ChildProcess | undefined;

beforeAll(async () => {
  const home = makeVmHome();
  await home.up(); // The shared image.
  home.destroy();
  dir = mkdtempSync(join(tmpdir(), 'mvm-damaged-'));
  const bin = join(dir, 'bin');
  env = {
    PATH: process.env.PATH,
    HOME: dir,
    LANG: 'C.UTF-8',
    [`MVM_QEMU_${ownArch().toUpperCase()}`]: fakeQemu(bin, 'exit 1'),
  };
  project = join(dir, 'project');
  for (const path of [project, join(dir, '.cache', 'mvm')]) mkdirSync(path, { recursive: true });
  symlinkSync(join(testCache, 'images'), join(dir, '.cache', 'mvm', 'images'));
  own();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const own = () => root && execFileSync('chown', ['-R', '65534:65534', dir]);
const files = () =>
  vmPaths({ state: join(dir, '.local/state/mvm'), cache: '', runtime: '', config: '' }, 'project');
const mvmctl = (...argv: string[]): Promise<Result> =>
  runProcess([...as, process.execPath, entry, ...argv], { cwd: project, env });

/** A VM as mvmctl leaves it, with a process in QEMU's place where it is to run. */
async function makeVm(running: boolean): Promise<void> {
  const paths = files();
  rmSync(join(dir, '.local'), { recursive: true, force: true });
  mkdirSync(paths.dir, { recursive: true, mode: 0o700 });
  const size = { arch: ownArch(), vcpus: 1, memoryMib: 192, env: {} };
  await vmRecords.write(paths.record, {
    ...{ id, name: 'project', kind: 'dev', defaultOf: project, project, ...size },
    ...{ sources: {}, createdAt: '2020-01-01T00:00:00.000Z' },
  });
  writeFileSync(paths.disk, 'the disk');
  if (running) {
    const args = ['-c', 'sleep 600; :', 'qemu', '-uuid', vmUuid(id), '-pidfile', paths.pid];
    const argv = [...as, 'sh', ...args];
    qemu = spawn(argv[0] ?? '', argv.slice(1), { stdio: 'ignore', detached: true });
    await once(qemu, 'spawn');
    writeFileSync(paths.pid, `${qemu.pid}\n`);
    const runtimeDir = join(dir, '.local/state/mvm/run', id);
    mkdirSync(runtimeDir, { recursive: true, mode: 0o700 });
    await bootRecords.write(paths.boot, {
      ...{ key: '0'.repeat(64), backend: 'qemu', accelerator: 'tcg', runtimeDir, ports: 8, image: '/none' },
      ...{ imageName: 'x', entrypointKind: 'shell', sealed: false, ...size },
      ...{ follow: false, shares: [], readyAt: '2020-01-01T00:00:00.000Z', readyUptimeMs: 1 },
    });
    const identity = await identify(qemu.pid ?? 0);
    if (identity === undefined) throw new Error('the stand-in ended');
    await vmmRecords.write(paths.vmm, { ...identity, startedAt: '2020-01-01T00:00:00.000Z' });
  }
  own();
}

const runs = () => qemu !== undefined && qemu.exitCode === null && qemu.signalCode === null;

function endQemu(): void {
  if (runs() && qemu?.pid !== undefined) process.kill(-qemu.pid, 'SIGKILL');
  qemu = undefined;
}

const damages: Record<string, (path: string) => void> = {
  missing: (path) => rmSync(path, { recursive: true, force: true }),
  empty: (path) => writeFileSync(path, ''),
  cut: (path) => truncateSync(path, Math.floor(readFileSync(path).length / 2)),
  flipped(path) {
    const bytes = readFileSync(path);
    const at = Math.floor(bytes.length * 0.7);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(path, bytes);
  },
  'a folder'(path) {
    rmSync(path, { recursive: true, force: true });
    mkdirSync(path);
  },
  unreadable: (path) => chmodSync(path, 0o000),
};

/** In good order, or one error that is told as one. */
function isClear({ status, stderr }: Result, argv: string): void {
  expect(stderr, argv).not.toMatch(/bug:|^ {4}at /m);
  expect(status === 0 || /^error: /m.test(stderr), `${argv}: ${status} ${stderr}`).toBe(true);
}

const sets: [string, string[]][] = [
  ['vm.json', ['vm.json']],
  ['vm.json and its copy', ['vm.json', 'vm.json.bak']],
  ['boot.json', ['boot.json']],
  ['boot.json and its copy', ['boot.json', 'boot.json.bak']],
  ['vmm.json', ['vmm.json']],
  ['qemu.pid', ['qemu.pid']],
  ['all records of the boot', ['boot.json', 'boot.json.bak', 'vmm.json', 'qemu.pid']],
];
const inRest = ['vm.json', 'vm.json and its copy'];
const cases = [true, false].flatMap((running) =>
  sets
    .filter(([name]) => running || inRest.includes(name))
    .flatMap(([name, names]) => Object.keys(damages).map((damage) => ({ running, name, names, damage }))),
);

describe.skipIf(process.platform !== 'linux')('a VM whose files are damaged', () => {
  test.each(cases)('running: $running, $name: $damage', async ({ running, names, damage }) => {
    try {
      await makeVm(running);
      const paths = files();
      const hurt = () => {
        for (const name of names) damages[damage]?.(join(paths.dir, name));
        own();
      };
      hurt();
      const listed = await mvmctl('ls', '--json');
      expect(listed).toMatchObject({ status: 0, stderr: '' });
      // All that told of the boot is gone: the start, not a listing, looks for what still runs.
      const searched = names.length < 4 || damage !== 'missing';
      const pid = running && searched ? qemu?.pid : null;
      expect(JSON.parse(listed.stdout)).toMatchObject([{ name: 'project', pid }]);

      isClear(await mvmctl('ls'), 'ls');
      isClear(await mvmctl('exec', '--', 'true'), 'exec');
      const up = await mvmctl('dev', 'up', '-d');
      isClear(up, 'dev up');
      // Neither a second VM, nor a second QEMU for this one, nor an empty disk.
      expect(readdirSync(join(paths.dir, '..'))).toEqual(['project']);
      expect(readFileSync(paths.disk, 'utf8')).toBe('the disk');
      expect(runs()).toBe(running);
      if (!running && names.length === 1) {
        // With its copy it starts, as far as that goes here.
        const words = damage === 'a folder' ? 'a folder has that name' : 'QEMU ended right after it started';
        expect(up.stderr).toContain(words);
      }
      if (running) {
        hurt();
        const down = await mvmctl('dev', 'down', '--force');
        isClear(down, 'dev down');
        if (down.status !== 0) isClear(await mvmctl('stop', '--force', 'project'), 'stop');
        await expect.poll(runs, { interval: 5 }).toBe(false);
        expect(readFileSync(paths.disk, 'utf8')).toBe('the disk');
        await makeVm(true);
      }
      hurt();
      expect(await mvmctl('rm', '--force', 'project')).toMatchObject({ status: 0 });
      await expect.poll(runs, { interval: 5 }).toBe(false);
      expect(existsSync(paths.dir)).toBe(false);
    } finally {
      endQemu();
    }
  });
});
