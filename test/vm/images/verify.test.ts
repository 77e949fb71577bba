import { cp, open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { connectChannel } from '../../../src/guest/channel/connect.ts';
import type { Image } from '../../../src/image/load-image.ts';
import type { OpenMessage } from '../../../src/protocol/host-messages.ts';
import { guestAccess } from '../../../src/vm/condition/guest.ts';
import { bootImage } from '../image-vm.ts';
import { makeRootfsImage } from '../rootfs-image.ts';
import { makeVmHome, type VmHome } from '../vm-home.ts';

let home: VmHome;
let sealed: Image;
beforeAll(async () => {
  home = makeVmHome();
  sealed = await makeRootfsImage({
    outDir: join(home.dir, 'sealed'),
    agent: 'init-sealed',
    verified: true,
    guest: {
      entrypoint: { kind: 'command', argv: ['/bin/sleep', '600'], user: 'nobody' },
      accessible: false,
      sealed: true,
    },
    json: { entrypointKind: 'command', accessible: false, sealed: true },
  });
});
afterEach(async () => {
  for (const { name } of await home.vms()) await home.run(['rm', '--force', name]);
});
afterAll(() => home.destroy());

interface Verified {
  ok: boolean;
  sealed: boolean;
  checks: { name: string; result: string; findings: string[] }[];
}

test('the real agent, kernel, modules and root of a sealed image pass every check', async () => {
  const { status, stdout, stderr } = await home.run(['verify', sealed.dir, '--json']);
  const report = JSON.parse(stdout) as Verified;
  expect(report.checks.filter(({ result }) => result !== 'pass')).toEqual([]);
  expect([status, report.ok, report.sealed], stderr).toEqual([0, true, true]);
});

test('a flipped byte in the middle of any file of it is found', async () => {
  const dir = join(home.dir, 'flipped');
  for (const name of ['kernel', 'initrd', 'rootfs.erofs', 'rootfs.verity']) {
    await cp(sealed.dir, dir, { recursive: true, force: true });
    const file = await open(join(dir, name), 'r+');
    const byte = Buffer.alloc(1);
    const at = Math.floor((await file.stat()).size / 2);
    await file.read(byte, 0, 1, at);
    await file.write(Buffer.from([(byte[0] ?? 0) ^ 0x10]), 0, 1, at);
    await file.close();
    const { status, stderr } = await home.run(['verify', dir]);
    expect(status, name).toBe(1);
    expect(stderr, name).toMatch(/fails verification: .*files/);
  }
});

test('an image that has the accessible agent and says that it is sealed does not verify', async () => {
  const lying = await makeRootfsImage({
    outDir: join(home.dir, 'lying'),
    verified: true,
    guest: {
      accessible: false,
      sealed: true,
      entrypoint: { kind: 'command', argv: ['/bin/sh'], user: 'nobody' },
    },
    json: { entrypointKind: 'command', accessible: false, sealed: true },
  });
  const { status, stdout } = await home.run(['verify', lying.dir]);
  expect(status).toBe(1);
  expect(stdout).toContain('FAIL agent: /init has the code of exec in it');
  expect(stdout).toContain('FAIL agent: /init has the code of console in it');
});

test('an accessible image passes only where that is allowed', async () => {
  const dir = join(home.dir, 'accessible');
  await makeRootfsImage({ outDir: dir, verified: false });
  const refused = await home.run(['verify', dir]);
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain('is accessible: its VMs allow console and exec');
  expect((await home.run(['verify', dir, '--allow-accessible'])).status).toBe(0);
});

test('a client that asks no host finds no exec, no console, no SSH and no control of services in a sealed guest', async () => {
  const vm = await bootImage(home, sealed);
  const guest = guestAccess(vm);
  const asked: OpenMessage[] = [
    { op: 'exec', argv: ['/bin/id'], tty: false, stdin: false },
    { op: 'console', rows: 24, cols: 80 },
    { op: 'service', name: 'any', action: 'restart' },
    { op: 'ssh', digest: '0'.repeat(64), hostKey: '', userKey: '', env: {} },
  ];
  for (const message of asked) {
    const seen: object[] = [];
    for await (const answer of await connectChannel(guest, message)) {
      if (answer.type !== 'welcome') seen.push(answer);
    }
    expect(seen, message.op).toEqual([expect.objectContaining({ type: 'error', code: 'unknown_op' })]);
  }
  // To look at it is allowed.
  const shown = await home.run(['ps', vm.name]);
  expect(shown.stdout, shown.stderr).toMatch(/^entrypoint +running +\d+ +0 .* yes /m);
  expect(await home.run(['logs', vm.name, 'entrypoint'])).toMatchObject({ status: 0, stdout: '' });
});
