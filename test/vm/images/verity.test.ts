import { once } from 'node:events';
import { copyFile, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { defaultBackend } from '../../../src/backend/registry.ts';
import type { MvmError } from '../../../src/errors/mvm-error.ts';
import type { Image } from '../../../src/image/load-image.ts';
import { bootImage, inImageVm } from '../image-vm.ts';
import { makeRootfsImage } from '../rootfs-image.ts';
import { makeVmHome, type VmHome } from '../vm-home.ts';

let home: VmHome;
beforeAll(() => {
  home = makeVmHome();
});
afterEach(async () => {
  for (const { name } of await home.vms()) await home.run(['rm', '--force', name]);
});
afterAll(() => home.destroy());

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
  bootImage(home, from).then(
    () => expect.unreachable('it booted'),
    (error: unknown) => error as MvmError,
  );

test('a verified root is read through dm-verity', async () => {
  expect((await bootImage(home, image)).status).toBe('running');
  const { stdout, stderr } = await inImageVm(home, 'sh', '-c', 'cat /sys/block/dm-0/dm/name /opt/marker');
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
  const vm = await bootImage(home, await damaged('rootfs', at));
  const gone = once(await defaultBackend.connect(vm.boot.runtimeDir, 'event'), 'close');
  const read = await inImageVm(home, 'cat', '/opt/marker');
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
