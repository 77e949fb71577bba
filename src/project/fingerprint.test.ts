import {
  chmod,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { contentDigest, fingerprint } from './fingerprint.ts';
import { readSource } from './source.ts';

let dir: string;
let cacheDir: string;
beforeEach(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'mvm-print-')));
  cacheDir = await mkdtemp(join(tmpdir(), 'mvm-print-cache-'));
  await writeFile(join(dir, 'a'), 'one');
  await writeFile(join(dir, 'b'), 'two');
});
afterEach(async () => {
  vi.useRealTimers();
  for (const path of [dir, cacheDir]) await rm(path, { recursive: true });
});

const signal = new AbortController().signal;
const source = () => readSource(dir, { env: process.env, signal });
const content = async () => contentDigest(await source(), { cacheDir, signal });
/** Lets what was written so far count as old. */
const later = (ms = 10_000) => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
const cacheText = async () => readFile(join(cacheDir, (await readdir(cacheDir))[0] ?? ''), 'utf8');

test('content, name, mode and kind each change the digest; times do not', async () => {
  const first = await content();
  await utimes(join(dir, 'a'), 1, 1);
  expect(await content()).toBe(first);
  const seen = new Set([first]);
  const changes = [
    () => writeFile(join(dir, 'a'), 'One'),
    () => chmod(join(dir, 'a'), 0o755),
    () => rename(join(dir, 'a'), join(dir, 'c')),
    async () => {
      await rm(join(dir, 'c'));
      await symlink('b', join(dir, 'c'));
    },
  ];
  for (const change of changes) {
    await change();
    seen.add(await content());
  }
  expect(seen.size).toBe(changes.length + 1);
});

test('an unchanged source is known without reading a file', async () => {
  later();
  const first = await content();
  expect(await cacheText()).toContain(first);
  const looked = await source();
  await rm(join(dir, 'a'));
  expect(await contentDigest(looked, { cacheDir, signal })).toBe(first);
});

test('a file written within the tick in which it was hashed is hashed again', async () => {
  await content();
  // As a clock of coarse ticks would have it: other content, all stat data the same.
  const looked = await source();
  const { mtime } = await stat(join(dir, 'a'));
  await writeFile(join(dir, 'a'), 'ONE');
  await utimes(join(dir, 'a'), mtime, mtime);
  const now = await source();
  const same = {
    ...looked,
    entries: now.entries.map((entry, i) => ({ ...entry, ctime: looked.entries[i]?.ctime ?? '' })),
  };
  const fresh = await contentDigest(same, { cacheDir: join(cacheDir, 'other'), signal });
  expect(await contentDigest(same, { cacheDir, signal })).toBe(fresh);
});

test('one changed file of a known source is seen', async () => {
  later();
  const first = await content();
  await writeFile(join(dir, 'b'), 'TWO');
  const second = await content();
  expect(second).not.toBe(first);
  later(20_000);
  expect(await content()).toBe(second);
  await writeFile(join(dir, 'b'), 'two');
  expect(await content()).toBe(first);
});

test('a damaged cache is made anew', async () => {
  later();
  const first = await content();
  const path = join(cacheDir, (await readdir(cacheDir))[0] ?? '');
  await writeFile(path, (await readFile(path, 'utf8')).slice(10, 100));
  expect(await content()).toBe(first);
});

test('each part of a build changes the fingerprint; the order of overrides does not', async () => {
  const looked = await source();
  const build = { library: '1', profile: 'dev', system: 'x86_64-linux', inputs: { a: '1', b: '2' } };
  const print = (changed: object, at = looked) =>
    fingerprint(at, { ...build, ...changed }, { cacheDir, signal });
  const first = await print({});
  expect(await print({ inputs: { b: '2', a: '1' } })).toBe(first);
  const others = [
    print({ library: '2' }),
    print({ profile: 'default' }),
    print({ system: 'aarch64-linux' }),
    print({ inputs: { a: '1' } }),
    print({}, { ...looked, subfolder: 'app' }),
  ];
  expect(new Set([first, ...(await Promise.all(others))]).size).toBe(others.length + 1);
});
