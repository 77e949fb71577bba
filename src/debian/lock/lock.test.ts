import { expect, test } from 'vitest';
import { toRecord } from '../index/record.ts';
import { indexText } from '../index/text.ts';
import { formatLock } from './json.ts';
import { makeLock } from './lock.ts';
import type { Table, TableEntry } from './table.ts';

interface Fake {
  depends?: string;
  provides?: string;
}

function indexOf(packages: Record<string, Fake>) {
  const text = indexText(
    Buffer.from(
      Object.entries(packages)
        .map(
          ([name, { depends = '', provides = '' }]) =>
            `Package: ${name}\nVersion: 1.0-1\nArchitecture: amd64\nDepends: ${depends}\nProvides: ${provides}\nFilename: pool/${name}.deb\nSize: 10\nSHA256: ${'0'.repeat(64)}\n`,
        )
        .join('\n'),
    ),
  );
  return {
    suite: 'trixie',
    date: 'Sat, 01 Nov 2025 00:00:00 UTC',
    arch: 'amd64' as const,
    names: () => text.names(),
    providers: (name: string) => text.providers(name),
    get: (name: string) => {
      const stanza = text.stanza(name);
      return stanza === undefined ? undefined : toRecord(stanza, name);
    },
  };
}

function tableOf(entries: Record<string, TableEntry>, ignored: string[] = []): Table {
  return { entries: new Map(Object.entries(entries)), ignored: new Set(ignored) };
}

test('the packages of an entry become one unit, which needs what any of them needs', () => {
  const index = indexOf({
    redis: { depends: 'redis-tools, libc6' },
    'redis-tools': { depends: 'liblzf' },
    liblzf: {},
    libc6: {},
  });
  const lock = makeLock(index, tableOf({ redis: { debs: ['redis', 'redis-tools'] } }));
  expect(lock.units).toEqual({
    libc6: { packages: ['libc6'], depends: [] },
    liblzf: { packages: ['liblzf'], depends: [] },
    redis: { packages: ['redis', 'redis-tools'], depends: ['libc6', 'liblzf'] },
  });
  expect(lock.packages['redis-tools']).toEqual({
    version: '1.0-1',
    path: 'pool/redis-tools.deb',
    sha256: '0'.repeat(64),
    size: 10,
    unit: 'redis',
  });
});

test('a circle through a merged entry takes in what lies on it', () => {
  const index = indexOf({ a: { depends: 'b' }, b: { depends: 'a2' }, a2: { depends: 'c' }, c: {} });
  const lock = makeLock(index, tableOf({ a: { debs: ['a', 'a2'] } }));
  expect(lock.units).toEqual({
    a: { packages: ['a', 'a2', 'b'], depends: ['c'] },
    c: { packages: ['c'], depends: [] },
  });
});

test('what a closed entry needs beside the packages of the table stays out', () => {
  const index = indexOf({
    npm: { depends: 'node-semver, eslint, nodejs' },
    'node-semver': { depends: 'node-yallist' },
    'node-yallist': {},
    eslint: {},
    nodejs: {},
  });
  const entries = { npm: { debs: ['npm', 'node-semver'], closed: true }, node: { debs: ['nodejs'] } };
  expect(makeLock(index, tableOf(entries)).units).toEqual({
    npm: { packages: ['node-semver', 'npm'], depends: ['nodejs'] },
    nodejs: { packages: ['nodejs'], depends: [] },
  });
});

test('what only an installed Debian needs stays out, unless an entry names it', () => {
  const index = indexOf({
    pg: { depends: 'debconf | debconf-2.0, tzdata, libllvm, libc6' },
    debconf: {},
    tzdata: {},
    libllvm: {},
    libc6: {},
  });
  const entries = { pg: { debs: ['pg'], without: ['libllvm'] } };
  const lock = makeLock(index, tableOf(entries, ['debconf', 'tzdata']));
  expect(Object.keys(lock.packages)).toEqual(['libc6', 'pg']);
  const more = makeLock(index, tableOf({ ...entries, tz: { debs: ['tzdata'] } }, ['debconf', 'tzdata']));
  expect(Object.keys(more.packages)).toEqual(['libc6', 'pg', 'tzdata']);
  expect(more.units.pg?.depends).toEqual(['libc6']);
});

test('a dependency on a virtual package leads to the package that provides it', () => {
  const index = indexOf({ app: { depends: 'awk' }, mawk: { provides: 'awk' } });
  const lock = makeLock(index, tableOf({ app: { debs: ['app'] } }));
  expect(lock.units.app?.depends).toEqual(['mawk']);
});

test('extra packages and what they need are added', () => {
  const index = indexOf({ app: {}, cowsay: { depends: 'perl' }, perl: {} });
  const lock = makeLock(index, tableOf({ app: { debs: ['app'] } }), ['cowsay']);
  expect(Object.keys(lock.packages)).toEqual(['app', 'cowsay', 'perl']);
});

test('a package that the index lacks is an error with its name', () => {
  expect(() => makeLock(indexOf({ app: {} }), tableOf({ x: { debs: ['nosuch'] } }))).toThrow(/"nosuch"/);
});

test('the text of a lock is the same for the same packages, and reads back', () => {
  const packages = { b: { depends: 'a' }, a: {} };
  const table = tableOf({ b: { debs: ['b'] } });
  const text = formatLock(makeLock(indexOf(packages), table));
  expect(text).toBe(formatLock(makeLock(indexOf({ a: {}, b: { depends: 'a' } }), table)));
  expect(JSON.parse(text)).toMatchObject({ schema: 1, suite: 'trixie', arch: 'amd64' });
});
