import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Available, VmSpec } from '../../backend/backend.ts';
import { imageSpec } from '../../image/image-spec.fixture.ts';
import type { Image } from '../../image/load-image.ts';
import { temporaryFolder } from '../../state/temporary-folder.fixture.ts';
import { templateKey } from './key.ts';

const probe: Available = {
  available: true,
  arch: 'x86_64',
  binary: '/usr/bin/qemu-system-x86_64',
  version: '7.2.22',
  accelerator: 'tcg',
  notice: '',
  reason: '',
  host: 'this one',
  tscKhz: 2_000_000,
  sandbox: true,
  memfd: true,
};

function image(dir: string, text = '{}'): Image {
  writeFileSync(join(dir, 'image.json'), text);
  return { dir, kernel: join(dir, 'kernel'), initrd: join(dir, 'initrd'), spec: imageSpec() };
}

function spec(dir: string, more: Partial<VmSpec> = {}, diskBytes = 4096): VmSpec {
  const path = join(dir, `${more.name ?? 'demo'}.img`);
  writeFileSync(path, Buffer.alloc(diskBytes));
  return {
    id: '0123456789ab',
    name: 'demo',
    arch: 'x86_64',
    vcpus: 2,
    memoryMib: 512,
    kernel: join(dir, 'kernel'),
    initrd: join(dir, 'initrd'),
    commandLine: '',
    disks: [{ path, readOnly: false }],
    network: 'user',
    vmDir: dir,
    runtimeDir: dir,
    ports: 8,
    ...more,
  };
}

test('VMs of one shape and image have one template, wherever they and their image are', async () => {
  const [here, there] = [temporaryFolder('mvm-key-'), temporaryFolder('mvm-key-')];
  const one = await templateKey(image(here), spec(here), probe);
  expect(one).toMatch(/^[0-9a-f]{32}$/);
  const named = spec(there, { name: 'other', id: 'ba9876543210' });
  expect(await templateKey(image(there), named, probe)).toBe(one);
});

test('whatever a machine could tell it from another by is in the key', async () => {
  const dir = temporaryFolder('mvm-key-');
  const keys = new Set([
    await templateKey(image(dir), spec(dir), probe),
    await templateKey(image(dir), spec(dir, { vcpus: 1 }), probe),
    await templateKey(image(dir), spec(dir, { memoryMib: 513 }), probe),
    await templateKey(image(dir), spec(dir, { ports: 7 }), probe),
    await templateKey(image(dir), spec(dir, { network: 'none' }), probe),
    await templateKey(image(dir), spec(dir, { commandLine: 'debug' }), probe),
    await templateKey(image(dir), spec(dir, { disks: [] }), probe),
    await templateKey(image(dir), spec(dir, {}, 8192), probe),
    await templateKey(image(dir), spec(dir), { ...probe, host: 'another QEMU' }),
    await templateKey(image(dir), spec(dir), { ...probe, tscKhz: 3_000_000 }),
    await templateKey(image(dir, '{ "files": 1 }'), spec(dir), probe),
  ]);
  expect(keys.size).toBe(11);
  expect(keys).not.toContain(undefined);
});

test('there is none where a root is checked, where guests run on the CPU, or memory is no file', async () => {
  const dir = temporaryFolder('mvm-key-');
  const plain = image(dir);
  const none = [
    templateKey({ ...plain, spec: imageSpec(undefined, { sealed: true }) }, spec(dir), probe),
    templateKey({ ...plain, verity: join(dir, 'rootfs.verity') }, spec(dir), probe),
    templateKey(plain, spec(dir, { verbose: true }), probe),
    templateKey(plain, spec(dir), { ...probe, accelerator: 'kvm' }),
    templateKey(plain, spec(dir), { ...probe, memfd: false }),
    templateKey(plain, spec(dir, { arch: 'aarch64' }), { ...probe, arch: 'aarch64' }),
  ];
  expect(await Promise.all(none)).toEqual(none.map(() => undefined));
});
