import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readCpio } from '../format/cpio-read.ts';
import { makeArm64Kernel, makeModule } from '../format/elf.fixture.ts';
import { makeKernelBundle, writeKernelBundle } from '../kernel/bundle.ts';
import { verifyImage } from '../load-image.ts';
import { assembleDefaultImage } from './image.ts';

const busybox = Buffer.from('ELF\0[\0[[\0ash\0init\0less\0ls\0poweroff\0sh\0top\0vi\0\0');
const source = { package: 'linux-image-6.1-cloud-arm64', version: '6.1-1', sha256: '0'.repeat(64) };
const files = new Map([
  ['./boot/vmlinuz-6.1-cloud-arm64', makeArm64Kernel()],
  ['./usr/lib/modules/6.1/modules.builtin', Buffer.from('')],
  ...['virtio_blk', 'virtio_net', 'overlay'].map(
    (name) => [`./usr/lib/modules/6.1/kernel/${name}.ko`, makeModule('')] as const,
  ),
]);

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mvm-default-'));
});
afterEach(() => rm(dir, { recursive: true }));

const assemble = async (outDir: string) =>
  assembleDefaultImage({
    arch: 'aarch64',
    agent: Buffer.from('agent'),
    kernel: await makeKernelBundle({ arch: 'aarch64', files, source }),
    busybox,
    version: '1.2.3',
    outDir,
  });

test('the initrd holds agent, root, modules and what PID 1 needs before it mounts anything', async () => {
  const image = await assemble(join(dir, 'image'));
  const items = new Map(readCpio(await readFile(image.initrd)).map((i) => [i.path, i]));
  const text = (path: string) => items.get(path)?.data.toString();
  expect(items.get('init')?.mode).toBe(0o100755);
  expect(items.get('dev/console')).toMatchObject({ mode: 0o020600, major: 5, minor: 1 });
  expect(items.has('mvm/modules/01-overlay.ko')).toBe(true);
  expect(items.get('rootfs/usr/bin/busybox')?.mode).toBe(0o100755);
  for (const name of ['ash', 'less', 'sh', 'top', 'vi', 'poweroff', '[[']) {
    expect(text(`rootfs/usr/bin/${name}`)).toBe('busybox');
  }
  expect([text('rootfs/bin'), text('rootfs/sbin'), text('rootfs/usr/sbin')]).toEqual([
    'usr/bin',
    'usr/bin',
    'bin',
  ]);
  expect(items.has('rootfs/usr/bin/init')).toBe(false);
  expect(items.get('rootfs/tmp')?.mode).toBe(0o041777);
  expect(items.get('rootfs/etc/shadow')?.mode).toBe(0o100600);
  expect(text('rootfs/etc/os-release')).toContain('VERSION_ID="1.2.3"');
  expect([...items.values()].filter((i) => i.mode & 0o6000)).toEqual([]);
  expect(JSON.parse(text('mvm/image.json') ?? '')).toMatchObject({
    schema: 1,
    entrypoint: { kind: 'shell', argv: ['/bin/sh', '-l'] },
    env: { LANG: 'C.UTF-8', ENV: '/etc/shrc' },
    accessible: true,
  });
});

test('the description fits the files, and the same parts give the same bytes', async () => {
  const first = await assemble(join(dir, 'one'));
  const second = await assemble(join(dir, 'two'));
  expect(first.spec).toEqual(second.spec);
  expect(first.spec).toMatchObject({ system: 'aarch64-linux', accessible: true, sealed: false });
  await verifyImage(first.dir);
  for (const name of ['kernel', 'initrd', 'image.json']) {
    expect(await readFile(join(first.dir, name))).toEqual(await readFile(join(second.dir, name)));
  }
});

test('a kernel bundle on disk says what it holds and where it is from', async () => {
  const bundle = await makeKernelBundle({ arch: 'aarch64', files, source });
  await writeKernelBundle(bundle, join(dir, 'kernel'));
  expect(JSON.parse(await readFile(join(dir, 'kernel', 'kernel.json'), 'utf8'))).toMatchObject({
    schema: 1,
    arch: 'aarch64',
    version: '6.1-cloud-arm64',
    source,
    modules: ['virtio_blk', 'overlay', 'virtio_net'],
  });
  expect(await readFile(join(dir, 'kernel', 'modules.cpio'))).toEqual(bundle.modules);
});

test('a package without a kernel is KERNEL_INVALID with its name', async () => {
  await expect(makeKernelBundle({ arch: 'aarch64', files: new Map(), source })).rejects.toMatchObject({
    code: 'KERNEL_INVALID',
    message: expect.stringContaining(source.package),
  });
});
