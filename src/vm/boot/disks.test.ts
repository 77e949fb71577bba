import { expect, test } from 'vitest';
import type { Image } from '../../image/load-image.ts';
import type { DiskUse } from '../state/kind.ts';
import { bootDisks } from './disks.ts';

const verity = { rootHash: 'a'.repeat(64), salt: 'b'.repeat(64), dataBlocks: 7 };
const image = (files: Pick<Image, 'rootfs' | 'verity'>, spec: object = {}) =>
  ({ dir: '/img', ...files, spec }) as Image;
const plain = image({});
const own = image({ rootfs: '/img/rootfs.erofs' });
const verified = image({ rootfs: '/img/rootfs.erofs', verity: '/img/rootfs.verity' }, { verity });
const paths = (from: Image, use: DiskUse) => bootDisks(from, '/vm/disk.img', use).disks.map((d) => d.path);

test.each<[string, Image, DiskUse, string[], object]>([
  ['a root in the initrd', plain, 'root', [], { rootfs: null, disk: '/dev/vda' }],
  ['a root of its own', own, 'root', ['rootfs.erofs'], { rootfs: '/dev/vda', disk: '/dev/vdb' }],
  [
    'a verified root',
    verified,
    'volumes',
    ['rootfs.erofs', 'rootfs.verity'],
    { rootfs: '/dev/vda', verity: '/dev/vdb', disk: '/dev/vdc' },
  ],
])('%s: the guest is told the devices in the order of the disks', (_what, from, use, files, told) => {
  const { disks, config } = bootDisks(from, '/vm/disk.img', use);
  expect(disks).toEqual([
    ...files.map((file) => ({ path: `/img/${file}`, readOnly: true })),
    { path: '/vm/disk.img', readOnly: false },
  ]);
  const { rootfs, disk } = config;
  expect({
    rootfs: rootfs?.device ?? null,
    ...(rootfs?.verity ? { verity: rootfs.verity.device } : {}),
    disk: disk?.device,
  }).toEqual(told);
  expect(disk).toMatchObject({ fs: 'ext4', use });
});

test('the root hash, its salt and the number of blocks reach the guest as the image has them', () => {
  expect(bootDisks(verified, '/vm/disk.img', 'none').config.rootfs).toEqual({
    device: '/dev/vda',
    fs: 'erofs',
    verity: { device: '/dev/vdb', ...verity },
  });
});

test('a VM without a disk has none attached; a disk that is the guest’s own is attached and not named', () => {
  expect(paths(own, 'none')).toEqual(['/img/rootfs.erofs']);
  expect(paths(plain, 'own')).toEqual(['/vm/disk.img']);
  expect(bootDisks(plain, '/vm/disk.img', 'own').config.disk).toBeNull();
});

test('a tree that no file holds is refused: the root would go unchecked', () => {
  expect(() => bootDisks(image({ rootfs: '/img/rootfs.erofs' }, { verity }), '/d', 'root')).toThrow(
    /rootfs\.verity/,
  );
});
