import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { run } from '../../../process/run.ts';
import { linkedApplets, readApplets } from './applets.ts';

const table = (...names: string[]) => Buffer.from(`${names.join('\0')}\0\0`);

test('the applets are the ordered list that begins with "[" and ends in an empty name', () => {
  const busybox = Buffer.concat([
    Buffer.from('\x7fELF junk [\0[[\0zz\0aa\0sh\0ls\0\0'),
    Buffer.from([0, 0x20]),
    table('[', '[[', 'ash', 'ls', 'sh', 'x-25.a'),
    Buffer.from('/var/log/wtmp\0'),
  ]);
  expect(readApplets(busybox, 'busybox')).toEqual(['[', '[[', 'ash', 'ls', 'sh', 'x-25.a']);
});

test.each([
  ['no table', Buffer.from('ELF')],
  ['a table cut short', Buffer.from('[\0[[\0ls\0sh')],
  ['names that are none', table('[', '[[', 'ls', 'sh', 'x y')],
])('%s is PACKAGE_INVALID', (_, bytes) => {
  expect(() => readApplets(bytes, '/cache/busybox')).toThrow(
    expect.objectContaining({ code: 'PACKAGE_INVALID', message: expect.stringContaining('/cache/busybox') }),
  );
});

test('links that would break a running VM are not made; those that stop it properly are', () => {
  const all = ['halt', 'init', 'linuxrc', 'nuke', 'poweroff', 'reboot', 'run-init', 'vi'];
  expect(linkedApplets(all)).toEqual(['halt', 'poweroff', 'reboot', 'vi']);
});

const host = ['/usr/bin/busybox', '/bin/busybox'].find((path) => existsSync(path));

test.skipIf(host === undefined)(
  "the host's busybox (where installed) lists what was read from it",
  async () => {
    const { stdout } = await run([host ?? '', '--list'], { maxOutputBytes: 100_000 });
    const listed = stdout.trim().split('\n');
    expect(readApplets(await readFile(host ?? ''), 'busybox')).toEqual(listed);
  },
);
