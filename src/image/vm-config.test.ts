import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packCpio } from './format/cpio.ts';
import { readCpio } from './format/cpio-read.ts';
import { configArchive, type VmConfig, writeBootInitrd } from './vm-config.ts';

const config: VmConfig = {
  name: 'demo',
  hostname: 'demo',
  key: 'ab'.repeat(32),
  clockUnixMs: 1_700_000_000_000,
  ports: 16,
  rootfs: null,
  disk: { device: '/dev/vda', fs: 'ext4', use: 'root' },
  env: { DEBUG: '1' },
  network: { address: '10.0.2.15/24', gateway: '10.0.2.2', dns: ['10.0.2.3'] },
  staysOn: true,
  attended: false,
  seed: Buffer.alloc(64, 1),
};

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mvm-config-'));
});
afterEach(() => rm(dir, { recursive: true }));

test("the boot's initrd is the image's with the configuration behind it, private to the user", async () => {
  const base = packCpio([{ type: 'file', path: 'init', data: Buffer.from('agent') }]);
  const image = { initrd: join(dir, 'image-initrd') };
  await writeFile(image.initrd, base, { mode: 0o644 });
  await writeFile(join(dir, 'initrd'), 'of the boot before');
  await writeBootInitrd(image, configArchive(config), join(dir, 'initrd'));

  const written = await readFile(join(dir, 'initrd'));
  expect(written.subarray(0, base.length)).toEqual(base);
  const items = readCpio(written);
  expect(items.map((i) => i.path)).toEqual(['init', 'mvm', 'mvm/vm.json']);
  expect(items[2]?.mode).toBe(0o100600);
  expect(JSON.parse(String(items[2]?.data))).toEqual({
    schema: 1,
    ...config,
    seed: config.seed.toString('base64'),
  });
  expect((await stat(join(dir, 'initrd'))).mode & 0o777).toBe(0o600);
  expect(await readdir(dir)).toEqual(['image-initrd', 'initrd']);
});

test('an initrd that does not end on four bytes is padded, since archives start there', async () => {
  const image = { initrd: join(dir, 'odd') };
  await writeFile(image.initrd, Buffer.concat([packCpio([{ type: 'dir', path: 'a' }]), Buffer.alloc(1)]));
  await writeBootInitrd(image, configArchive(config), join(dir, 'initrd'));
  const written = await readFile(join(dir, 'initrd'));
  expect(written.lastIndexOf('070701', written.indexOf('mvm\0')) % 4).toBe(0);
});

test('a path that can not be written is STATE_WRITE with its name', async () => {
  const image = { initrd: join(dir, 'image-initrd') };
  await writeFile(image.initrd, packCpio([]));
  await writeFile(join(dir, 'file'), '');
  await expect(
    writeBootInitrd(image, configArchive(config), join(dir, 'file', 'initrd')),
  ).rejects.toMatchObject({
    code: 'STATE_WRITE',
    message: expect.stringContaining(join(dir, 'file', 'initrd')),
  });
  expect(await readdir(dir)).toEqual(['file', 'image-initrd']);
});

test('what a killed writer left is overwritten; an image that vanished is IMAGE_INVALID', async () => {
  const image = { initrd: join(dir, 'image-initrd') };
  await expect(writeBootInitrd(image, configArchive(config), join(dir, 'initrd'))).rejects.toMatchObject({
    code: 'IMAGE_INVALID',
    message: expect.stringContaining(image.initrd),
  });
  await writeFile(image.initrd, packCpio([]));
  await writeFile(join(dir, 'initrd.tmp'), 'half');
  await writeBootInitrd(image, configArchive(config), join(dir, 'initrd'));
  expect(await readdir(dir)).toEqual(['image-initrd', 'initrd']);
});
