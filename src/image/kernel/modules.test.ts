import { expect, test } from 'vitest';
import { readCpio } from '../format/cpio-read.ts';
import { makeModule, sign } from '../format/elf.fixture.ts';
import { chooseModules, listedName, modulesArchive, selectModules, withoutSignature } from './modules.ts';

const files = new Map([
  [
    'usr/lib/modules/6/modules.builtin',
    Buffer.from('kernel/drivers/virtio/virtio.ko\nkernel/lib/crc-16.ko\n'),
  ],
  ['usr/lib/modules/6/kernel/net/virtio_net.ko', sign(makeModule('net_failover,virtio'))],
  ['usr/lib/modules/6/kernel/net/net_failover.ko', makeModule('fail_over')],
  ['usr/lib/modules/6/kernel/net/fail-over.ko', makeModule('crc_16')],
  ['usr/lib/modules/6/kernel/fs/overlay.ko', makeModule('')],
  ['usr/lib/modules/6/kernel/fs/unwanted.ko', makeModule('')],
  ['usr/lib/modules/6/kernel/fs/broken.ko', Buffer.from('text')],
  ['usr/lib/modules/6/kernel/fs/lonely.ko', makeModule('nowhere')],
]);
const names = async (wanted: string[]) => (await selectModules(files, wanted, 'linux')).map((m) => m.name);

test('a module comes behind what it needs, once, and only what is wanted comes', async () => {
  expect(await names(['virtio_net', 'overlay', 'net_failover'])).toEqual([
    'fail_over',
    'net_failover',
    'virtio_net',
    'overlay',
  ]);
});

test('what is built in is left out, whichever way its name is written', async () => {
  expect(await names(['virtio', 'crc_16', 'crc-16'])).toEqual([]);
});

test('a missing module is named with what needs it', async () => {
  await expect(names(['lonely'])).rejects.toMatchObject({
    code: 'KERNEL_INVALID',
    message: expect.stringMatching(/nowhere.*lonely.*linux/),
  });
});

test('a file that is no module is KERNEL_INVALID with its path', async () => {
  await expect(names(['broken'])).rejects.toMatchObject({
    code: 'KERNEL_INVALID',
    message: expect.stringContaining('kernel/fs/broken.ko'),
  });
});

test('a signature is cut off to the byte; a module without one stays as it is', () => {
  const module = makeModule('');
  expect(withoutSignature(sign(module))).toEqual(module);
  expect(withoutSignature(module)).toEqual(module);
  expect(withoutSignature(Buffer.from('~Module signature appended~\n')).length).toBe(28);
});

test('the archive numbers the modules in their order of loading', async () => {
  const archive = modulesArchive(await selectModules(files, ['virtio_net', 'overlay'], 'linux'));
  const paths = readCpio(archive).map((i) => i.path);
  expect(paths).toEqual([
    'mvm',
    'mvm/modules',
    'mvm/modules/00-fail_over.ko',
    'mvm/modules/01-net_failover.ko',
    'mvm/modules/02-virtio_net.ko',
    'mvm/modules/03-overlay.ko',
  ]);
  expect(readCpio(archive)[4]?.data).toEqual(makeModule('net_failover,virtio'));
});

test('a group has its own folder, and what is loaded anyway is not in it', async () => {
  const wanted = { base: ['overlay', 'fail-over'], verity: ['virtio_net'] };
  const modules = await chooseModules(files, wanted, 'linux');
  expect(modules.map(listedName)).toEqual([
    'overlay',
    'fail_over',
    'verity/net_failover',
    'verity/virtio_net',
  ]);
  expect(readCpio(modulesArchive(modules)).map((i) => i.path)).toEqual([
    'mvm',
    'mvm/modules',
    'mvm/modules/00-overlay.ko',
    'mvm/modules/01-fail_over.ko',
    'mvm/modules/verity',
    'mvm/modules/verity/02-net_failover.ko',
    'mvm/modules/verity/03-virtio_net.ko',
  ]);
});
