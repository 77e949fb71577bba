import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { identify } from '../../src/process/identity.ts';
import { ownerText } from '../../src/state/lock-owner.ts';
import { vmPaths } from '../../src/state/paths.ts';
import { type SmallDisk, smallDisk } from '../../src/state/small-disk.fixture.ts';
import { bootRecords, ownArch, vmRecords } from '../../src/vm/state/record.ts';
import { type Home, makeHome } from '../mvmctl.ts';

interface Pruned {
  dryRun: boolean;
  bytes: number;
  removed: { kind: string; path: string; bytes: number }[];
  kept: { what: string; path: string; bytes: number; command: string }[];
}

let home: Home;
let cache: string;
let state: string;
beforeEach(() => {
  home = makeHome();
  cache = join(home.dir, '.cache/mvm');
  state = join(home.dir, '.local/state/mvm');
});
afterEach(() => home.remove());

const hour = 3600;
const now = () => Date.now() / 1000;

/** A file of this many bytes that nobody has touched for two hours. */
function old(path: string, size = 100_000): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, Buffer.alloc(size, 1));
  for (const one of [path, dirname(path)]) utimesSync(one, now() - 2 * hour, now() - 2 * hour);
  return path;
}

const folder = (name: string) => dirname(old(join(cache, name, 'kernel')));

/** A lock of a process that lives: this one. */
async function heldLock(path: string): Promise<string> {
  const identity = await identify(process.pid);
  symlinkSync(ownerText({ pid: process.pid, startTime: identity?.startTime ?? '', token: 'x' }), path);
  return path;
}

async function prune(...more: string[]): Promise<Pruned> {
  const { status, stdout, stderr } = await home.run(['prune', '--json', ...more]);
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout) as Pruned;
}

const paths = ({ removed }: Pruned) => removed.map(({ path }) => path).sort();
const arch = ownArch();

/** Everything that is to go. */
function unneeded(): string[] {
  return [
    folder(`images/default-${arch}-0123456789abcdef`),
    folder('images/incoming-1.tmp'),
    folder('kernels/x86_64-6.1-aaaaaaaaaaaa-1.123456.tmp'),
    folder('host-builds/mvm-0123456789abcdef'),
    old(join(cache, 'debian/pool/git_1_amd64.deb')),
    old(join(cache, 'debian/pool/nix_1_amd64.deb.part')),
    old(join(cache, 'debian/pool/nix_1_amd64.deb.part.validator')),
    old(join(cache, 'debian/index/bookworm-amd64-00000000000000ff.gz.part')),
    old(join(cache, 'logs/2020-01-01T00-00-00-000Z-99999999.log')),
    old(join(cache, 'build-logs/2020-01-01T00-00-00-000Z-99999999.log')),
    old(join(cache, 'code/gone')),
    old(join(cache, 'qemu-x86_64.json.abc.tmp')),
    dirname(old(join(state, 'vms/.demo.removed/disk.img'))),
    old(join(state, 'vms/demo/disk.img.123456.new')),
    old(join(state, 'vms/demo/initrd')),
  ].sort();
}

async function makeVm(): Promise<void> {
  const files = vmPaths({ state, cache, runtime: '', config: '' }, 'demo');
  mkdirSync(files.dir, { recursive: true, mode: 0o700 });
  await vmRecords.write(files.record, {
    ...{
      id: '0123456789ab',
      name: 'demo',
      kind: 'dev',
      defaultOf: home.project,
      project: home.project,
      arch,
    },
    ...{ vcpus: 1, memoryMib: 192, env: {}, sources: {}, createdAt: '2020-01-01T00:00:00.000Z' },
  });
  old(files.disk);
}

describe('prune removes what nothing needs', () => {
  test('and says before with --dry-run what that is; a VM, its disk and what is of today stay', async () => {
    await makeVm();
    const gone = unneeded();
    const stays = [
      old(join(cache, 'debian/pool/busybox-static_1_amd64.deb')),
      old(join(cache, 'debian/index/trixie-amd64-00000000000000ff.gz')),
      folder('kernels/x86_64-6.2-bbbbbbbbbbbb-1'),
      old(join(cache, 'qemu-x86_64.json')),
      join(state, 'vms/demo/disk.img'),
      join(state, 'vms/demo/vm.json'),
    ];
    const shown = await prune('--dry-run');
    expect(paths(shown)).toEqual(gone);
    for (const path of gone) expect(existsSync(path), path).toBe(true);
    const done = await prune();
    expect(done).toMatchObject({ dryRun: false, bytes: shown.bytes });
    expect(paths(done)).toEqual(gone);
    for (const path of gone) expect(existsSync(path), path).toBe(false);
    for (const path of stays) expect(existsSync(path), path).toBe(true);
    expect(done.kept).toMatchObject([{ what: 'VM demo', command: 'mvmctl rm demo' }]);
    const again = await home.run(['prune']);
    expect(again).toMatchObject({ status: 0 });
    expect(again.stderr).toContain('There is nothing to remove.');
  });

  test('what is younger than an hour, or of a living command, stays', async () => {
    await makeVm();
    for (const path of unneeded()) {
      // A folder whose removal was begun is nobody's, however young.
      if (!path.endsWith('.removed')) utimesSync(path, now(), now());
    }
    const removed = join(state, 'vms/.demo.removed');
    expect(paths(await prune('--dry-run'))).toEqual([removed]);
    const gone = unneeded();
    await heldLock(join(removed, 'lock'));
    await heldLock(join(state, 'vms/demo/lock'));
    await heldLock(join(cache, 'host-builds/1.lock'));
    await heldLock(join(cache, `images/default-${arch}-0123456789abcdef.lock`));
    await heldLock(join(cache, 'debian/pool/nix_1_amd64.deb.lock'));
    const left = paths(await prune());
    // While an image is assembled, its packages may be read.
    const busy = /\.removed$|vms\/demo|host-builds|default-|\.deb|\.validator/;
    expect(left).toEqual(gone.filter((path) => !busy.test(path)));
  });

  test("the image of a VM's boot stays", async () => {
    await makeVm();
    const image = folder(`images/default-${arch}-0123456789abcdef`);
    const other = folder(`images/default-${arch}-fedcba9876543210`);
    await bootRecords.write(join(state, 'vms/demo/boot.json'), {
      ...{
        key: 'a'.repeat(64),
        backend: 'qemu',
        accelerator: 'tcg',
        runtimeDir: '/nowhere',
        ports: 8,
        image,
      },
      ...{
        imageName: 'default',
        entrypointKind: 'shell',
        sealed: false,
        arch,
        vcpus: 1,
        memoryMib: 192,
        env: {},
        follow: false,
        shares: [],
      },
      ...{ readyAt: null, readyUptimeMs: null },
    });
    expect(paths(await prune())).toEqual([other]);
  });
});

test('bytes are what files occupy: holes take nothing, two names of a file are one', async () => {
  const hole = old(join(cache, 'logs/1-99999999.log'), 0);
  truncateSync(hole, 2 ** 30);
  const file = old(join(cache, 'logs/2-99999999.log'), 100_000);
  const name = join(cache, 'logs/3-99999999.log');
  linkSync(file, name);
  for (const path of [hole, file, join(cache, 'logs')]) utimesSync(path, now() - 2 * hour, now() - 2 * hour);
  const { bytes } = await prune('--dry-run');
  expect(bytes).toBe(statSync(file).blocks * 512 + statSync(hole).blocks * 512);
  expect(bytes).toBeLessThan(200_000);
});

test('a table for people has a row for each kind, and the total stands below', async () => {
  await makeVm();
  truncateSync(join(state, 'vms/demo/disk.img'), 2 ** 30);
  old(join(state, 'vms/demo/disk.img'), 2_000_000);
  for (const name of ['a', 'b', 'c']) old(join(cache, `debian/pool/${name}_1_amd64.deb`));
  const { stdout, stderr } = await home.run(['prune', '--dry-run']);
  expect(stdout).toMatch(/^Debian packages {2}3 +30\d kB +unpacked into images +\/.*\/debian\/pool$/m);
  expect(stdout).toMatch(/^VM demo +2\.\d MB +mvmctl rm demo +\/.*\/vms\/demo$/m);
  expect(stderr).toMatch(/^30\d kB would be freed\.$/m);
});

test('two at once share the work, and neither fails', async () => {
  for (let i = 0; i < 300; i++) old(join(cache, `debian/pool/p${i}_1_amd64.deb`), 10_000);
  const [one, other] = await Promise.all([prune(), prune()]);
  expect(one.removed.length + other.removed.length).toBe(300);
  expect(readdirSync(join(cache, 'debian/pool'))).toEqual([]);
});

test('killed in the middle, it is finished by the next', async () => {
  const pool = join(cache, 'debian/pool');
  for (let i = 0; i < 500; i++) old(join(pool, `p${i}_1_amd64.deb`), 10);
  const running = home.start(['prune']);
  const watcher = watch(pool, () => running.kill('SIGKILL'));
  const { signal } = await running.done;
  watcher.close();
  expect(signal).toBe('SIGKILL');
  expect(readdirSync(pool).length).toBeGreaterThan(0);
  await prune();
  expect(readdirSync(pool)).toEqual([]);
});

describe('on a disk that takes nothing', () => {
  let disk: SmallDisk | undefined;
  afterEach(() => disk?.unmount());
  const noMount = 'mounting needs root';

  test('a full one has room afterwards', async ({ skip }) => {
    disk = smallDisk('tmpfs', join(home.dir, 'disk'), '1M');
    if (disk === undefined) return skip(noMount);
    cache = home.env.MVM_CACHE_DIR = join(disk.dir, 'mvm');
    const image = folder(`images/default-${arch}-0123456789abcdef`);
    disk.fill();
    disk.noNames();
    expect(paths(await prune())).toEqual([image]);
    expect(existsSync(image)).toBe(false);
    writeFileSync(join(disk.dir, 'room'), Buffer.alloc(50_000));
  });

  test('a read-only one is told with the first path, and nothing is said to be freed', async ({ skip }) => {
    disk = smallDisk('tmpfs', join(home.dir, 'disk'), '1M');
    if (disk === undefined) return skip(noMount);
    cache = home.env.MVM_CACHE_DIR = join(disk.dir, 'mvm');
    const log = old(join(cache, 'logs/1-99999999.log'));
    old(join(cache, 'logs/2-99999999.log'));
    disk.readOnly();
    const { status, stdout, stderr } = await home.run(['prune']);
    expect(stderr).toContain(`error: Can't remove ${log}, and 1 more: the file system is read-only.`);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).not.toContain('freed');
    expect(readFileSync(log)).toHaveLength(100_000);
  });
});
