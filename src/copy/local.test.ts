import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { smallDisk } from '../state/small-disk.fixture.ts';
import { temporaryFolder } from '../state/temporary-folder.fixture.ts';
import { copyTree } from './copy.ts';
import { openLocalSource } from './local-source.ts';
import { openLocalTarget } from './local-target.ts';
import {
  encodeData,
  encodeDone,
  encodeEnd,
  encodeFile,
  encodeFolder,
  encodeLink,
  encodeSymlink,
  type Meta,
  withoutMeta,
} from './records.ts';
import type { Source } from './source.ts';

const { signal } = new AbortController();
const meta: Meta = { mode: 0o640, seconds: 1_700_000_000, nanoseconds: 123_456_789 };

const sourceOf = (...parts: Buffer[]): Source => ({
  kind: 'folder',
  async *pieces() {
    yield* parts;
  },
  async close() {},
});

const file = (name: string, text = 'x') =>
  Buffer.concat([
    encodeFile(meta, text.length, 0, Buffer.from(name, 'latin1')),
    encodeData(Buffer.from(text)),
    encodeEnd(),
  ]);
const folder = (name: string) => encodeFolder({ ...meta, mode: 0o755 }, Buffer.from(name, 'latin1'));
const link = (name: string, target: string) => encodeSymlink(meta, Buffer.from(target), Buffer.from(name));
const tree = (...parts: Buffer[]) => [folder(''), ...parts, encodeEnd(), encodeDone()];

/** What is below a folder. */
function listing(dir: string): string[] {
  return (readdirSync(dir, { recursive: true, encoding: 'latin1' }) as string[]).sort();
}

async function write(parts: Buffer[], path: string, { slash = false, name = '' } = {}): Promise<string> {
  try {
    await copyTree(sourceOf(...parts), openLocalTarget(path, slash, name), { onlyFile: false, signal });
    return '';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

/** A folder to write in, and one beside it that nothing may reach. */
function folders() {
  const dir = temporaryFolder('mvm-copy-');
  const [to, outside] = [join(dir, 'to'), join(dir, 'outside')];
  mkdirSync(to);
  mkdirSync(outside);
  return { to, outside };
}

test('a tree is read and written as it is', async () => {
  const { to, outside: from } = folders();
  const odd = Buffer.concat([Buffer.from(`${from}/tree/`), Buffer.from('caf\xe9\xff\n', 'latin1')]);
  mkdirSync(join(from, 'tree/sub'), { recursive: true });
  writeFileSync(odd, 'bytes');
  chmodSync(odd, 0o4750);
  symlinkSync('/nowhere', join(from, 'tree/dangling'));
  linkSync(odd, join(from, 'tree/sub/hard'));
  writeFileSync(join(from, 'tree/sparse'), '');
  truncateSync(join(from, 'tree/sparse'), 50_000_000);
  writeFileSync(join(from, 'tree/sparse'), 'end', { flag: 'a' });
  writeFileSync(join(from, 'tree/big'), Buffer.alloc(1_000_000, 'content'));
  utimesSync(join(from, 'tree/big'), 5, 1_700_000_000.123);
  chmodSync(join(from, 'tree/sub'), 0o500);
  spawnSync('mkfifo', [join(from, 'tree/fifo')]);
  const skipped: string[] = [];
  const source = openLocalSource(
    join(from, 'tree'),
    { slash: false, recursive: true, onSkipped: (why, path) => skipped.push(`${path}: ${why}`), signal },
    () => new Error() as never,
  );
  const totals = await copyTree(source, openLocalTarget(to, false, 'copy'), { onlyFile: false, signal });
  expect(totals.files).toBe(5);
  expect(skipped).toEqual([`${join(from, 'tree/fifo')}: a FIFO`]);
  const copy = (name: string) => join(to, 'copy', name);
  expect(listing(join(to, 'copy'))).toEqual([
    'big',
    'caf\xe9\xff\n',
    'dangling',
    'sparse',
    'sub',
    'sub/hard',
  ]);
  expect(readFileSync(copy('big')).equals(readFileSync(join(from, 'tree/big')))).toBe(true);
  expect(readlinkSync(copy('dangling'))).toBe('/nowhere');
  const hard = lstatSync(copy('sub/hard'));
  expect([hard.nlink, (hard.mode & 0o7777).toString(8)]).toEqual([2, '750']);
  expect((lstatSync(copy('sub')).mode & 0o777).toString(8)).toBe('500');
  const [was, is] = [join(from, 'tree/big'), copy('big')].map(
    (path) => lstatSync(path, { bigint: true }).mtimeNs,
  );
  expect(Math.abs(Number((was ?? 0n) - (is ?? 0n)))).toBeLessThan(250);
  const sparse = lstatSync(copy('sparse'));
  expect([sparse.size, sparse.blocks < 100]).toEqual([50_000_003, true]);
});

describe('where a tree goes', () => {
  const whole = tree(file('f'));
  const one = [file(''), encodeDone()];
  test.each<[string, Buffer[], string, { slash?: boolean; name?: string }, string[] | string]>([
    [
      'a folder into one that is there',
      whole,
      'there',
      { name: 'n' },
      ['old', 'there', 'there/n', 'there/n/f'],
    ],
    [
      'a folder into one that is not',
      whole,
      'new',
      { name: 'n' },
      ['new', 'new/n', 'new/n/f', 'old', 'there'],
    ],
    ['what is in a folder', whole, 'new', {}, ['new', 'new/f', 'old', 'there']],
    ['what is in a folder, into one that is there', whole, 'there', {}, ['old', 'there', 'there/f']],
    ['a file as another', one, 'new', { name: 'n' }, ['new', 'old', 'there']],
    ['a file into a folder', one, 'there', { name: 'n' }, ['old', 'there', 'there/n']],
    ['a file into a new folder', one, 'new/', { slash: true, name: 'n' }, ['new', 'new/n', 'old', 'there']],
    ['a file over one', one, 'old', { name: 'n' }, ['old', 'there']],
    ['a folder over a file', whole, 'old', { name: 'n' }, 'FILE_UNUSABLE'],
    ['a stream over a folder', one, 'there', {}, 'FILE_UNUSABLE'],
    ['a file without a folder for it', one, 'a/b', { name: 'n' }, 'FILE_UNUSABLE'],
    ['a file into a file', one, 'old/x', { name: 'n' }, 'STATE_WRITE'],
  ])('%s', async (_, parts, path, options, wanted) => {
    const { to } = folders();
    mkdirSync(join(to, 'there'));
    writeFileSync(join(to, 'old'), 'o');
    const code = await write(parts, join(to, path), options);
    expect(code).toBe(typeof wanted === 'string' ? wanted : '');
    expect(listing(to)).toEqual(typeof wanted === 'string' ? ['old', 'there'] : wanted);
  });
});

describe('no tree of a guest leaves its target', () => {
  const { to: nowhere } = { to: '/nowhere' };
  test.each<[string, (outside: string) => Buffer[]]>([
    ['through a link of its own', (outside) => tree(link('l', outside), folder('l'), file('f'), encodeEnd())],
    ['by ..', () => tree(file('../f'))],
    ['by an absolute name', (outside) => tree(file(`${outside}/f`))],
    ['by a file where it sent a link', (outside) => tree(link('f', `${outside}/f`), file('f'))],
    ['through a link that was there', () => tree(folder('there'), file('f'), encodeEnd())],
    ['by another name of what did not come', () => tree(encodeLink(3, Buffer.from(nowhere.slice(1))))],
  ])('%s', async (_, parts) => {
    for (const name of ['', 'n', 'new']) {
      const { to, outside } = folders();
      writeFileSync(join(outside, 'kept'), 'k');
      mkdirSync(join(to, 'n'));
      for (const dir of [to, join(to, 'n')]) symlinkSync(outside, join(dir, 'there'));
      const code = await write(parts(outside), to, { name });
      // In a folder that it makes itself the name is free.
      const isFree = name === 'new' && _.startsWith('through a link that was');
      expect(code).toBe(isFree ? '' : 'TREE_REFUSED');
      expect(listing(outside)).toEqual(['kept']);
      expect(readFileSync(join(outside, 'kept'), 'utf8')).toBe('k');
    }
  });

  test('a link that was there is replaced by a file, and not followed', async () => {
    const { to, outside } = folders();
    symlinkSync(join(outside, 'f'), join(to, 'f'));
    expect(await write(tree(file('f')), to)).toBe('');
    expect(listing(outside)).toEqual([]);
    expect(lstatSync(join(to, 'f')).isFile()).toBe(true);
  });

  test('one file was asked for, and a folder comes', async () => {
    const { to } = folders();
    const copying = copyTree(sourceOf(...tree(file('f'))), openLocalTarget(to, false, 'n'), {
      onlyFile: true,
      signal,
    });
    await expect(copying).rejects.toMatchObject({ code: 'TREE_REFUSED' });
    expect(listing(to)).toEqual([]);
  });
});

test('a tree that is cut anywhere leaves nothing half', async () => {
  const whole = Buffer.concat(tree(file('old', 'new'), folder('sub'), file('f'), encodeEnd(), file('z')));
  const { to } = folders();
  writeFileSync(join(to, 'kept'), 'k');
  // Without the last two records it is complete but for the word that says so.
  for (let n = 0; n < whole.length - 9; n++) {
    expect(await write([whole.subarray(0, n)], to, { name: 'n' })).toBe('TREE_REFUSED');
    expect(listing(to)).toEqual(['kept']);
  }
});

test('what is no file is not replaced', async () => {
  const { to } = folders();
  spawnSync('mkfifo', [join(to, 'fifo')]);
  expect(await write([file(''), encodeDone()], join(to, 'fifo'), { name: 'n' })).toBe('FILE_UNUSABLE');
  expect(await write([file(''), encodeDone()], '/dev/null', { name: 'n' })).toBe('FILE_UNUSABLE');
  expect(await write(tree(file('fifo')), to)).toBe('FILE_UNUSABLE');
});

test('a stream keeps the mode of the file that it replaces', async () => {
  const { to } = folders();
  writeFileSync(join(to, 'f'), 'long content');
  chmodSync(join(to, 'f'), 0o600);
  expect(await write([encodeFile(withoutMeta, 0), encodeEnd(), encodeDone()], join(to, 'f'))).toBe('');
  const { mode, size } = lstatSync(join(to, 'f'));
  expect([(mode & 0o777).toString(8), size]).toEqual(['600', 0]);
});

test('what a killed process left is removed by the next copy, what a living one writes is not', async () => {
  const { to } = folders();
  const child = spawnSync(process.execPath, ['-e', 'process.stdout.write(String(process.pid))'], {
    encoding: 'utf8',
  });
  const target = openLocalTarget(to, false, 'f');
  await target.take(encodeFile(meta, 0));
  const [live = ''] = readdirSync(to);
  const dead = live.replace(/\d+/, child.stdout);
  mkdirSync(join(to, dead, 'sub'), { recursive: true });
  mkdirSync(join(to, '.mvm-cp-notes'));
  expect(await write([file(''), encodeDone()], to, { name: 'g' })).toBe('');
  expect(listing(to)).toEqual(['.mvm-cp-notes', live, 'g'].sort());
  await target.close();
  expect(existsSync(join(to, live))).toBe(false);
});

test('a full disk is an error that names the file, and leaves nothing', async ({ skip }) => {
  const disk = smallDisk('tmpfs', join(temporaryFolder('mvm-copy-'), 'disk'), '1M');
  if (disk === undefined) return skip('mounting a tmpfs needs root');
  onTestFinished(() => disk.unmount());
  const copying = copyTree(
    sourceOf(
      ...tree(
        file('f', 'x'.repeat(200_000)),
        ...Array.from({ length: 9 }, (_, i) => file(`${i}`, 'y'.repeat(200_000))),
      ),
    ),
    openLocalTarget(disk.dir, false, 'n'),
    { onlyFile: false, signal },
  );
  await expect(copying).rejects.toMatchObject({
    code: 'STATE_WRITE',
    message: expect.stringMatching(/^Can't write .*\/disk\/n\/\d: the disk is full\.$/),
  });
  expect(listing(disk.dir)).toEqual([]);
});
