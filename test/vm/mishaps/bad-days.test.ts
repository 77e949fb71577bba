import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fakeQemu } from '../../fakes/qemu.ts';
import { entry, type Result, testCache } from '../../mvmctl.ts';
import { makeVmHome, small, type VmHome, type VmJson } from '../vm-home.ts';

const arch = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
const override = `MVM_QEMU_${arch.toUpperCase()}`;
/** A package that carries its own image uses no other. */
const carriesImage = existsSync(join(entry, '../../images', arch, 'image.json'));

let home: VmHome;
const mounts: string[] = [];
beforeEach(() => {
  home = makeVmHome();
});
afterEach(() => {
  for (const path of mounts.splice(0)) execFileSync('umount', ['-l', path]);
  home.destroy();
});

const up = (env: NodeJS.ProcessEnv = {}, ...more: string[]) =>
  home.run(['dev', 'up', '-d', '--json', ...small, ...more], { env });

function isOneError({ status, stderr }: Result): void {
  expect(stderr).not.toContain('bug:');
  expect(stderr.match(/^error: /gm)).toHaveLength(1);
  expect(status).toBe(1);
}

async function works(env: NodeJS.ProcessEnv = {}): Promise<VmJson> {
  const result = await up(env);
  expect(result, result.stderr).toMatchObject({ status: 0 });
  expect(await home.run(['exec', '--', 'echo', 'works'], { env })).toMatchObject({
    status: 0,
    stdout: 'works\n',
  });
  return JSON.parse(result.stdout) as VmJson;
}

describe('QEMU', () => {
  test('that ends at once: its own words are shown, and its log is named', async () => {
    const path = fakeQemu(join(home.dir, 'bin'), 'echo "qemu: no such device: mvm" >&2; exit 1');
    const result = await up({ [override]: path, MVM_CACHE_DIR: (await cacheWithImage()).cache });
    isOneError(result);
    expect(result.stderr).toContain('error: QEMU ended right after it started (status 1)');
    expect(result.stderr).toContain('| qemu: no such device: mvm');
    expect(result.stderr).toMatch(/log: .*\/vmm\.log/);
    expect(await home.vms()).toMatchObject([{ status: 'stopped', problem: null }]);
    await works();
  });

  test("that breaks the guest's kernel, as older ones may with several CPUs: the VM is started once more", async () => {
    const real = execFileSync('sh', ['-c', `command -v qemu-system-${arch}`], { encoding: 'utf8' }).trim();
    // The first machine dies as soon as mvmctl waits for its guest; each after that is a real one.
    const path = fakeQemu(
      join(home.dir, 'bin'),
      `if mkdir "${home.dir}/first" 2>/dev/null; then
         (until [ -e vmm.json ]; do sleep 0.01; done
          echo "[    0.733648] Oops: int3: 0000 [#1] PREEMPT SMP NOPTI" >>console.log
          kill -9 $$) >/dev/null 2>&1 &
       fi
       exec ${real} "$@"`,
    );
    const result = await up({ [override]: path, MVM_CACHE_DIR: (await cacheWithImage()).cache });
    expect(result, result.stderr).toMatchObject({ status: 0 });
    expect(
      result.stderr.match(/The emulator broke the kernel of 'project'.*Starting it again/g),
    ).toHaveLength(1);
    expect(home.qemus()).toEqual([(JSON.parse(result.stdout) as VmJson).pid]);
  });
});

describe('the guest', () => {
  test.skipIf(carriesImage)(
    "that panics: the kernel's last words are shown, and the log is named",
    async () => {
      const { cache, image } = await cacheWithImage();
      const description = join(image, 'image.json');
      const size = readFileSync(join(image, 'initrd')).length >> 1;
      truncateSync(join(image, 'initrd'), size);
      const json = JSON.parse(readFileSync(description, 'utf8'));
      const sha256 = createHash('sha256')
        .update(readFileSync(join(image, 'initrd')))
        .digest('hex');
      json.files.initrd = { sha256, size };
      // As one that was made so: it is what its image.json says, and was stored.
      rmSync(join(image, '.seal'));
      writeFileSync(description, JSON.stringify(json));
      const result = await up({ MVM_CACHE_DIR: cache });
      isOneError(result);
      expect(result.stderr).toMatch(/\| .*(Kernel panic|end Kernel panic|mvm: )/);
      expect(result.stderr).toMatch(/log: .*\/console\.log/);
      expect(home.qemus()).toEqual([]);
      await works();
    },
  );

  test('that is not ready in time: said so with the log, and nothing is left running', async () => {
    const result = await up({ MVM_BOOT_TIMEOUT: '0.2' });
    isOneError(result);
    expect(result.stderr).toContain("error: The guest of 'project' was not ready after 0.2 seconds.");
    expect(result.stderr).toContain('MVM_BOOT_TIMEOUT=');
    expect(result.stderr).toMatch(/log: .*\/console\.log/);
    expect(home.qemus()).toEqual([]);
    expect(await home.vms()).toMatchObject([{ status: 'stopped' }]);
    await works();
  });
});

describe('the cached image', () => {
  test.skipIf(carriesImage)('that lost a piece is made again', async () => {
    const { cache, image } = await cacheWithImage();
    symlinkSync(join(testCache, 'debian'), join(cache, 'debian'));
    truncateSync(join(image, 'kernel'), 1000);
    const result = await up({ MVM_CACHE_DIR: cache });
    expect(result.stderr).toContain('The cached image is damaged and will be rebuilt');
    expect(result.status).toBe(0);
  });

  test.skipIf(carriesImage).each(['kernel', 'initrd', 'image.json'])(
    'whose %s has one other bit is not booted, but made again, and doctor finds it',
    async (name) => {
      const { cache, image } = await cacheWithImage();
      const env = { MVM_CACHE_DIR: cache };
      symlinkSync(join(testCache, 'debian'), join(cache, 'debian'));
      expect((await home.run(['setup'], { env })).status).toBe(0);
      const path = join(image, name);
      const { atime, mtime } = statSync(path);
      const bytes = readFileSync(path);
      const at = name === 'image.json' ? bytes.indexOf('"memoryMib": ') + 13 : bytes.length >> 1;
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      writeFileSync(path, bytes);
      // As a disk that forgets: neither the size nor the time says anything.
      utimesSync(path, atime, mtime);
      const doctor = await home.run(['doctor', '--json'], { env });
      const checks = (JSON.parse(doctor.stdout) as { checks: { name: string; text: string }[] }).checks;
      expect(checks).toContainEqual(
        expect.objectContaining({ name: 'images', state: 'warn', text: expect.stringContaining(path) }),
      );
      const result = await up(env);
      expect(result.stderr).toContain('The cached image is damaged and will be rebuilt');
      expect(result.status).toBe(0);
    },
  );
});

describe('more than the host has', () => {
  test.each([
    [['--memory', '9999G'], 'MiB of memory were requested, but the host has'],
    [['--vcpus', '9999'], '9999 vCPUs were requested, but the host has'],
  ])('%j is refused, and not remembered', async (flags, words) => {
    const result = await home.run(['dev', 'up', '-d', ...flags]);
    isOneError(result);
    expect(result.stderr).toContain(words);
    expect(result.stderr).toContain(flags[0]);
    expect(home.qemus()).toEqual([]);
    const later = await home.run(['dev', 'up', '-d']);
    expect(later, later.stderr).toMatchObject({ status: 0 });
  });

  test('does not cost the disk, even with --reset', async () => {
    await home.up();
    await home.exec('sh', '-c', 'echo kept >/root/file');
    expect((await home.run(['dev', 'down'])).status).toBe(0);
    isOneError(await home.run(['dev', 'up', '-d', '--reset', '--memory', '9999G']));
    await home.up();
    expect((await home.exec('cat', '/root/file')).stdout).toBe('kept\n');
  });
});

describe('state files', () => {
  const newer = '{"version": 99}';
  const half = '{"version": 1, "i';

  test.each([
    ['vm.json', half, 'is not valid JSON'],
    ['vm.json', newer, 'newer mvmctl'],
    ['boot.json', half, 'boot.json'],
    ['boot.json', newer, 'newer mvmctl'],
    ['vmm.json', half, ''],
    ['vmm.json', newer, ''],
  ])('%s reads %s while the VM runs: said so or repaired, and the QEMU is not lost', async (file, text, words) => {
    const vm = await home.up();
    await home.exec('sh', '-c', 'echo kept >/root/file && sync');
    const path = join(vm.dir, file);
    const whole = readFileSync(path);
    // With its copy, from which it would be read.
    for (const each of [path, `${path}.bak`]) writeFileSync(each, text);

    const [listed] = await home.vms();
    expect(listed).toMatchObject({ name: 'project', pid: vm.pid });
    if (words !== '') {
      expect(listed?.problem).toContain(words);
      const exec = await home.run(['exec', 'project', '--', 'true']);
      isOneError(exec);
      expect(exec.stderr).toContain(path);
      isOneError(await home.run(['dev', 'up', '-d', '--name', 'project']));
      expect(home.qemus()).toEqual([vm.pid]);
    }
    expect((await home.run(['stop', '--force', 'project'])).status).toBe(0);
    expect(home.qemus()).toEqual([]);
    // The disk is worth more than the record: where only the boot's files are bad it starts again.
    if (file === 'vm.json') writeFileSync(path, whole);
    await home.up();
    expect((await home.exec('cat', '/root/file')).stdout).toBe('kept\n');
  });

  test.each([
    ['boot.json', half],
    ['vmm.json', half],
  ])('%s reads %s after a power cut: the next dev up starts with the same disk', async (file, text) => {
    const vm = await home.up();
    await home.exec('sh', '-c', 'echo kept >/root/file && sync');
    process.kill(vm.pid, 'SIGKILL');
    await expect.poll(home.qemus).toEqual([]);
    writeFileSync(join(vm.dir, file), text);
    await home.up();
    expect((await home.exec('cat', '/root/file')).stdout).toBe('kept\n');
  });

  test.each([
    'vm.json',
    'boot.json',
  ])('%s is damaged: it is read from its copy, and made good by dev up', async (file) => {
    const vm = await home.up();
    const path = join(vm.dir, file);
    writeFileSync(path, half);
    expect(await home.exec('echo', 'alive')).toMatchObject({ status: 0, stdout: 'alive\n', stderr: '' });
    const again = await up();
    expect(again.stderr).toContain('It has been restored from its copy.');
    expect(JSON.parse(again.stdout)).toMatchObject({ pid: vm.pid, status: 'running' });
    expect(JSON.parse(readFileSync(path, 'utf8'))).toHaveProperty('sum');
    expect(await home.run(['dev', 'down'])).toMatchObject({ status: 0 });
    expect(home.qemus()).toEqual([]);
  });

  test('rm --force of a VM whose record is damaged ends its QEMU too', async () => {
    const vm = await home.up();
    for (const name of ['vm.json', 'vm.json.bak']) writeFileSync(join(vm.dir, name), half);
    expect((await home.run(['rm', '--force', 'project'])).status).toBe(0);
    expect(home.qemus()).toEqual([]);
    expect(existsSync(vm.dir)).toBe(false);
  });
});

describe('the disk', () => {
  test('that is damaged: the ways to repair and to read it are told, and work', async () => {
    const vm = await home.up();
    await home.exec('sh', '-c', 'echo kept >/root/file && sync');
    expect((await home.run(['dev', 'down'])).status).toBe(0);
    const disk = join(vm.dir, 'disk.img');
    const file = openSync(disk, 'r+');
    // The superblock's magic number, in its first copy only.
    writeSync(file, Buffer.from([0, 0]), 0, 2, 1024 + 56);
    const result = await up();
    isOneError(result);
    expect(result.stderr).toContain('mvmctl dev up --reset');
    for (const command of ['e2fsck -fy', 'debugfs -c']) expect(result.stderr).toContain(command);
    expect(home.qemus()).toEqual([]);
    // e2fsck: 1, errors were corrected.
    expect(spawnSync('e2fsck', ['-fy', disk]).status).toBe(1);
    const out = join(home.dir, 'out');
    mkdirSync(out);
    execFileSync('debugfs', ['-c', '-R', `rdump /upper ${out}`, disk], { stdio: 'pipe' });
    expect(readFileSync(join(out, 'upper/root/file'), 'utf8')).toBe('kept\n');
    await home.up();
    expect((await home.exec('cat', '/root/file')).stdout).toBe('kept\n');
    expect((await home.run(['dev', 'down'])).status).toBe(0);

    truncateSync(disk, 0);
    isOneError(await up());
    await home.up('--reset');
    closeSync(file);
  });
});

describe('paths', () => {
  test('a runtime folder that is too long for sockets: another is used', async () => {
    await works({ XDG_RUNTIME_DIR: longFolder() });
  });

  test('a runtime folder that was asked for and is too long is refused by name', async () => {
    const long = longFolder();
    const result = await up({ MVM_RUNTIME_DIR: long });
    isOneError(result);
    expect(result.stderr).toContain(`MVM_RUNTIME_DIR is too long for a Unix socket: ${long}`);
    expect(result.stderr).toContain('export MVM_RUNTIME_DIR=');
    await works();
  });

  test('a project in a folder whose name is all that a shell, an option or QEMU could stumble over has a VM', async () => {
    const cwd = join(home.dir, '-rf My, проект=2 it\'s "quoted" $HOME\\');
    mkdirSync(cwd);
    const result = await home.run(['dev', 'up', '-d', '--json', ...small], { cwd });
    expect(result, result.stderr).toMatchObject({ status: 0 });
    expect(JSON.parse(result.stdout)).toMatchObject({ project: realpathSync(cwd), status: 'running' });
    expect(await home.run(['exec', '--', 'hostname'], { cwd })).toMatchObject({ status: 0 });
  });

  test('a state folder with a comma, spaces and other letters holds VMs', async () => {
    await works({ MVM_STATE_DIR: join(home.dir, 'st, ate=ü "x"') });
  });
});

describe('a full disk', () => {
  test.for([
    'MVM_STATE_DIR',
    'MVM_CACHE_DIR',
  ])('under %s is one error that leaves nothing half, and works with space again', async (variable, {
    skip,
  }) => {
    if (variable === 'MVM_CACHE_DIR' && carriesImage) skip('the image comes with the package');
    const folder = join(home.dir, 'small');
    if (!mountTmpfs(folder, variable === 'MVM_STATE_DIR' ? '256k' : '4m'))
      skip('mounting a tmpfs needs root');
    const result = await up({ [variable]: folder });
    isOneError(result);
    expect(result.stderr).toMatch(/error: Can't write .*: the disk is full/);
    expect(home.qemus()).toEqual([]);
    expect(leftovers(folder)).toEqual([]);
    execFileSync('mount', ['-o', 'remount,size=400m', folder]);
    await works({ [variable]: folder });
  });
});

function longFolder(): string {
  const long = join(home.dir, 'long'.repeat(25));
  mkdirSync(long);
  return long;
}

/** False where this host lets no one mount: then there is nothing to test with. */
function mountTmpfs(folder: string, size: string): boolean {
  mkdirSync(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=700`, 'tmpfs', folder], { stdio: 'pipe' });
  } catch {
    return false;
  }
  mounts.push(folder);
  return true;
}

/** Files of unfinished writes. */
function leftovers(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(tmp|new)$/.test(name),
  );
}

/** A cache of this home's own with a copy of the default image, and the image's folder in it. */
async function cacheWithImage(): Promise<{ cache: string; image: string }> {
  expect((await home.run(['setup'])).status).toBe(0);
  const images = join(testCache, 'images');
  const [used = ''] = readdirSync(images)
    .filter((name) => name.startsWith(`default-${arch}-`))
    .sort((a, b) => statSync(join(images, b)).mtimeMs - statSync(join(images, a)).mtimeMs);
  const cache = join(home.dir, 'cache');
  const image = join(cache, 'images', used);
  cpSync(join(images, used), image, { recursive: true });
  return { cache, image };
}
