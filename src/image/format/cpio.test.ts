import { expect, test } from 'vitest';
import { type CpioEntry, packCpio } from './cpio.ts';
import { readCpio } from './cpio-read.ts';

const entries: CpioEntry[] = [
  { type: 'file', path: 'init', data: Buffer.from('#!'), mode: 0o755 },
  { type: 'link', path: 'bin/sh', target: 'busybox' },
  { type: 'char', path: 'dev/console', major: 5, minor: 1 },
  { type: 'dir', path: 'tmp', mode: 0o1777 },
  { type: 'file', path: 'empty', data: Buffer.alloc(0) },
];

test('an archive holds files, folders, links and devices with their modes', () => {
  const items = readCpio(packCpio(entries));
  const seen = items.map((i) => [i.path, i.mode.toString(8), i.data.toString(), i.major, i.minor]);
  expect(seen).toEqual([
    ['bin', '40755', '', 0, 0],
    ['bin/sh', '120777', 'busybox', 0, 0],
    ['dev', '40755', '', 0, 0],
    ['dev/console', '20600', '', 5, 1],
    ['empty', '100644', '', 0, 0],
    ['init', '100755', '#!', 0, 0],
    ['tmp', '41777', '', 0, 0],
  ]);
});

test('the same entries in any order give the same bytes, free of time and owner', () => {
  expect(packCpio([...entries].reverse())).toEqual(packCpio(entries));
  for (const item of readCpio(packCpio(entries))) {
    expect([item.uid, item.gid, item.mtime]).toEqual([0, 0, 0]);
  }
  expect(readCpio(packCpio(entries)).map((i) => i.ino)).toEqual([1, 2, 3, 4, 5, 6, 7]);
});

test('a folder comes before what lies in it, also beside names that sort between', () => {
  const file = (path: string): CpioEntry => ({ type: 'file', path, data: Buffer.alloc(0) });
  const paths = readCpio(packCpio([file('a/b'), file('a-b'), file('a.b'), file('a/b-c')])).map((i) => i.path);
  expect(paths.indexOf('a')).toBeLessThan(paths.indexOf('a/b'));
  expect(paths).toHaveLength(5);
});

test('archives can be concatenated', () => {
  for (const size of [0, 1, 2, 3, 4, 5]) {
    const first = packCpio([{ type: 'file', path: 'x'.repeat(size + 1), data: Buffer.alloc(size, 1) }]);
    expect(first.length % 4).toBe(0);
    const both = readCpio(Buffer.concat([first, packCpio([{ type: 'dir', path: 'z' }])]));
    expect(both.map((i) => i.path)).toEqual(['x'.repeat(size + 1), 'z']);
  }
});

test('header fields stand where the newc format has them', () => {
  const archive = packCpio([{ type: 'file', path: 'abc', data: Buffer.from('hello') }]).toString('latin1');
  expect(archive.slice(0, 110)).toBe(
    ['070701', '00000001', '000081A4', ...Array<string>(2).fill('00000000'), '00000001', '00000000']
      .concat(['00000005', ...Array<string>(4).fill('00000000'), '00000004', '00000000'])
      .join(''),
  );
  expect(archive.slice(110, 124)).toBe('abc\0\0\0hello\0\0\0');
});

test('paths that a kernel would unpack elsewhere or twice are refused', () => {
  expect(() => packCpio([{ type: 'dir', path: '/etc' }])).toThrow('/etc');
  expect(() =>
    packCpio([
      { type: 'dir', path: 'a' },
      { type: 'dir', path: 'a' },
    ]),
  ).toThrow('two cpio entries');
});
