import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { connectChannel } from '../../../src/guest/channel/connect.ts';
import { waitForEnd } from '../../../src/process/terminate.ts';
import { guestAccess } from '../../../src/vm/condition/guest.ts';
import { entrypointOf } from '../entrypoint-of.ts';
import { guestHome } from '../guest-image.ts';
import { serviceLog, servicesUntil } from '../guest-services.ts';
import { bootImage } from '../image-vm.ts';
import { makeRootfsImage } from '../rootfs-image.ts';
import { consoleArgv, openWindow } from '../terminal.ts';
import { makeVmHome, type VmHome } from '../vm-home.ts';

// The forms of entrypoints with `dev` against their nature; the usual ones are in other files.

let home: VmHome;
afterEach(() => home.destroy());

const witness = ['/bin/sh', '-c', 'grep -E "^(Uid|NoNewPrivs)" /proc/self/status'];
const nobodyConfined = /^Uid:\t65534\t65534\t65534\t65534\nNoNewPrivs:\t1\n$/;

const sealedImage = (guest: { entrypoint: { kind: 'shell' | 'services' } & object; services: object }) =>
  makeRootfsImage({
    outDir: join(home.dir, 'sealed'),
    agent: 'init-sealed',
    verified: true,
    guest: { ...guest, accessible: false, sealed: true },
    json: { entrypointKind: guest.entrypoint.kind, accessible: false, sealed: true },
  });

test('services with dev = true: console and exec beside them, also when the last of them has ended', async () => {
  const command = ['/bin/sh', '-c', 'until [ -e /tmp/end ]; do sleep 0.1; done; exit 3'];
  home = await guestHome({
    entrypoint: { kind: 'services', services: ['web'] },
    services: { web: { command, user: 'app', restart: 'no' } },
  });
  await home.up();
  const window = openWindow(home, consoleArgv);
  await window.shows(':~#');
  expect((await home.exec('touch', '/tmp/end')).status).toBe(0);
  const { services } = await servicesUntil(home, (state) => state.services[0]?.state === 'failed');
  expect(services[0]).toMatchObject({ status: 3, user: 'app' });
  window.type('echo $((6*7)) goes on; exit\n');
  await window.shows('42 goes on');
  expect(await window.exited).toBe(0);
});

test('a shell with dev = false: its services run, confined and not as root, and nobody gets in', async () => {
  home = makeVmHome();
  const image = await sealedImage({
    entrypoint: { kind: 'shell', argv: ['/bin/sh', '-l'], user: 'nobody' } as never,
    services: { web: { command: witness, user: 'nobody', restart: 'no' } },
  });
  const vm = await bootImage(home, image);
  const state = await servicesUntil(home, ({ services }) => services[0]?.state === 'stopped', vm.name);
  expect(state).toMatchObject({ entrypoint: null, services: [{ status: 0, user: 'nobody' }] });
  expect(await serviceLog(home, 'web', vm.name)).toMatch(nobodyConfined);
  const guest = guestAccess(vm);
  for await (const answer of await connectChannel(guest, { op: 'console', rows: 24, cols: 80 })) {
    if (answer.type !== 'welcome') expect(answer).toMatchObject({ type: 'error', code: 'unknown_op' });
  }
});

test('sealed services: the VM ends with the last of them and its status', async () => {
  home = makeVmHome();
  const image = await sealedImage({
    entrypoint: { kind: 'services', services: ['web'] } as never,
    services: { web: { command: ['/bin/sh', '-c', 'echo served; exit 7'], user: 'nobody', restart: 'no' } },
  });
  const vm = await bootImage(home, image);
  expect(await entrypointOf(vm)).toEqual({ text: 'web | served\n', status: 7 });
  expect(await waitForEnd(vm.vmm, 30_000)).toBe(true);
});
