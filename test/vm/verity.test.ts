import { once } from 'node:events';
import { copyFile, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { defaultBackend } from '../../src/backend/registry.ts';
import type { MvmError } from '../../src/errors/mvm-error.ts';
import { silent } from '../../src/events/events.ts';
import type { Image } from '../../src/image/load-image.ts';
import { findPaths, vmPaths } from '../../src/state/paths.ts';
import { ensureDir } from '../../src/state/write.ts';
import { bootVm } from '../../src/vm/boot.ts';
import type { DiskUse } from '../../src/vm/boot-disks.ts';
import { ensureDisk } from '../../src/vm/disk.ts';
import { ensureBackend } from '../../src/vm/ensure-backend.ts';
import { newVmId } from '../../src/vm/plan-boot.ts';
import { type VmRecord, vmRecords } from '../../src/vm/record.ts';
import { testCache } from '../mvmctl.ts';
import { makeRootfsImage } from './rootfs-image.ts';
import { makeVmHome, type VmHome } from './vm-home.ts';

let home: VmHome;
beforeAll(() => {
  home = makeVmHome();
});
afterEach(async () => {
  for (const { name } of await home.vms()) await home.run(['rm', '--force', name]);
});
afterAll(() => home.destroy());

/** Boots an image as a VM of the home, without a project. */
async function boot(image: Image, disk: DiskUse = 'none') {
  const paths = { ...findPaths(home.env), cache: testCache };
  const files = vmPaths(paths, 'sealed');
  const record: VmRecord = {
    id: newVmId(),
    name: 'sealed',
    defaultOf: null,
    project: home.project,
    arch: 'x86_64',
    vcpus: 1,
    memoryMib: 256,
    env: {},
    sources: {},
    createdAt: new Date().toISOString(),
  };
  const options = { paths, env: home.env, emit: silent, signal: AbortSignal.timeout(120_000), disk };
  await ensureDir(files.dir, 0o700);
  await vmRecords.write(files.record, record);
  if (disk !== 'none') await ensureDisk(files.disk);
  const vm = {
    name: 'sealed',
    paths: files,
    status: 'stopped' as const,
    record,
    vmm: undefined,
    boot: undefined,
    problem: undefined,
  };
  return bootVm(vm, image, await ensureBackend('x86_64', options), options);
}

const inGuest = (...argv: string[]) => home.run(['exec', 'sealed', '--', ...argv]);

async function flipByte(path: string, at: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, at);
    byte[0] = (byte[0] ?? 0) ^ 1;
    await file.write(byte, 0, 1, at);
  } finally {
    await file.close();
  }
}

const marker = 'what the image says';

let image: Image;
beforeAll(async () => {
  image = await makeRootfsImage({
    outDir: join(home.dir, 'verified'),
    verified: true,
    files: { 'opt/marker': marker },
  });
});

/** The image with a byte of a file changed, and its place; the other files are the image's own. */
async function damaged(file: 'rootfs' | 'verity', at: number): Promise<Image> {
  const path = join(home.dir, `damaged-${file}`);
  await copyFile(image[file] ?? '', path);
  await flipByte(path, at);
  return { ...image, [file]: path };
}

const bootError = (from: Image) =>
  boot(from).then(
    () => expect.unreachable('it booted'),
    (error: unknown) => error as MvmError,
  );

test('a verified root is read through dm-verity', async () => {
  expect((await boot(image)).status).toBe('running');
  const { stdout, stderr } = await inGuest('sh', '-c', 'cat /sys/block/dm-0/dm/name /opt/marker');
  expect(stdout, stderr).toBe(`mvm-root\n${marker}`);
});

test('a flipped byte that the boot meets stops it, and the error names verity, file and block', async () => {
  const error = await bootError(await damaged('rootfs', 1024));
  expect(error.code).toBe('BOOT_FAILED');
  expect(error.message).toMatch(
    /verity: block 0 of the image's root \(rootfs\.erofs, byte 0 on\) is damaged/,
  );
});

test('a flipped byte of the hash tree stops the boot, too', async () => {
  const { message } = await bootError(await damaged('verity', 4096));
  expect(message).toMatch(/verity: block 1 of the hash tree \(rootfs\.verity/);
});

test('a root hash that is another image’s stops the boot', async () => {
  const verity = { rootHash: 'ab'.repeat(32), salt: '6d'.repeat(32), dataBlocks: 0 };
  const spec = { ...image.spec, verity: { ...verity, dataBlocks: image.spec.verity?.dataBlocks ?? 0 } };
  expect((await bootError({ ...image, spec })).message).toMatch(/verity.*does not belong to .* root hash/);
});

test('a flipped byte that a running program meets ends the VM, and the console says why', async () => {
  const at = (await readFile(image.rootfs ?? '')).indexOf(marker);
  const vm = await boot(await damaged('rootfs', at));
  const gone = once(await defaultBackend.connect(vm.boot.runtimeDir, 'event'), 'close');
  const read = await inGuest('cat', '/opt/marker');
  expect(read.stdout).not.toContain('what');
  await gone;
  const log = await readFile(vm.paths.consoleLog, 'utf8');
  expect(log).toContain(`mvm: verity: block ${Math.floor(at / 4096)} of the image's root`);
  expect((await home.vms())[0]).toMatchObject({ status: 'stopped' });
});

test('a sealed agent mounts no root that nobody checks', async () => {
  const unchecked = await makeRootfsImage({
    outDir: join(home.dir, 'unchecked'),
    agent: 'init-sealed',
    verified: false,
  });
  expect((await bootError(unchecked)).message).toMatch(/sealed.*only a root that verity checks/);
});
