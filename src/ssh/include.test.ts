import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { smallDisk } from '../state/small-disk.fixture.ts';
import { temporaryFolder } from '../state/temporary-folder.fixture.ts';
import { addInclude, includeLine, removeInclude, userConfig } from './include.ts';

const ours = '/state/mvm/ssh/config';

/** A home, with this as its configuration of ssh. */
function home(text?: string | Buffer, mode = 0o600): string {
  const config = userConfig(temporaryFolder('mvm-ssh-'));
  if (text === undefined) return config;
  mkdirSync(dirname(config));
  writeFileSync(config, text);
  chmodSync(config, mode);
  return config;
}

test('the line is put above all else once, and what was there stays to the byte', async () => {
  const before = Buffer.from('# mine \xff\r\nHost a\n  User b # no line end', 'latin1');
  const config = home(before, 0o640);
  expect(await addInclude(config, ours)).toBe(true);
  expect(await addInclude(config, ours)).toBe(false);
  expect(readFileSync(config)).toEqual(Buffer.concat([Buffer.from(`Include ${ours}\n`), before]));
  expect(statSync(config).mode & 0o777).toBe(0o640);
  expect(await removeInclude(config, ours)).toBe(true);
  expect(await removeInclude(config, ours)).toBe(false);
  expect(readFileSync(config)).toEqual(before);
  expect(readdirSync(dirname(config))).toEqual(['config']);
});

test('a line further down, where it belongs to a host, is moved', async () => {
  const config = home(`Host a\n  User b\nInclude ${ours}\n`);
  await addInclude(config, ours);
  expect(readFileSync(config, 'utf8')).toBe(`Include ${ours}\nHost a\n  User b\n`);
});

test('folder and file are made, for nobody else to read', async () => {
  const config = home();
  await addInclude(config, ours);
  expect(readFileSync(config, 'utf8')).toBe(`Include ${ours}\n`);
  expect([statSync(dirname(config)).mode & 0o777, statSync(config).mode & 0o777]).toEqual([0o700, 0o600]);
});

test('a configuration that is a link stays one, also one that leads to nothing yet', async () => {
  for (const there of [true, false]) {
    const config = home('');
    const target = join(dirname(config), 'dotfiles');
    if (there) writeFileSync(target, 'Host a\n');
    const link = join(dirname(config), 'link');
    symlinkSync('dotfiles', link);
    await addInclude(link, ours);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(target, 'utf8')).toBe(`Include ${ours}\n${there ? 'Host a\n' : ''}`);
  }
});

test('a home of any name is found again', async () => {
  const config = home('Host a\n');
  const file = '/home/jörg müller/ssh/config';
  expect(await addInclude(config, file)).toBe(true);
  expect(readFileSync(config, 'utf8')).toBe(`Include "${file}"\nHost a\n`);
  expect(await addInclude(config, file)).toBe(false);
  expect(await removeInclude(config, file)).toBe(true);
  expect(readFileSync(config, 'utf8')).toBe('Host a\n');
});

test('a configuration that can not be written says which line to change by hand', async () => {
  const config = home('');
  const disk = smallDisk('tmpfs', join(dirname(config), 'store'), '1m');
  if (disk === undefined) return;
  onTestFinished(() => disk.unmount());
  const stored = join(disk.dir, 'config');
  writeFileSync(stored, 'Host a\n');
  const link = join(dirname(config), 'link');
  symlinkSync(stored, link);
  disk.readOnly();
  await expect(addInclude(link, ours)).rejects.toMatchObject({
    code: 'STATE_WRITE',
    hint: `add to its top: Include ${ours}`,
  });
});

test('a path with a space or a character of patterns is written so that ssh finds it', () => {
  expect(includeLine('/a b/[c]*')).toBe('Include "/a b/\\\\[c\\\\]\\\\*"');
});
