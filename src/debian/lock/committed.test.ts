import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { DebianArch } from '../mirror/suite.ts';
import type { Lock } from './json.ts';
import { readTable } from './table.ts';

const root = join(import.meta.dirname, '../../..', 'nix', 'debian');

async function readJson<T>(name: string): Promise<T> {
  return JSON.parse(await readFile(join(root, name), 'utf8')) as T;
}

test.each<DebianArch>(['amd64', 'arm64'])('the lock for %s has all packages of the table', async (arch) => {
  const lock = await readJson<Lock>(`lock/${arch}.json`);
  const { entries } = await readTable(root, arch);
  const missing = [...entries.values()]
    .flatMap(({ debs }) => debs)
    .filter((name) => lock.packages[name] === undefined);
  expect(missing).toEqual([]);
});

test.each<DebianArch>([
  'amd64',
  'arm64',
])('every package and unit that the lock for %s leads to is in it', async (arch) => {
  const { packages, units } = await readJson<Lock>(`lock/${arch}.json`);
  for (const [name, { unit }] of Object.entries(packages)) expect(units[unit]?.packages).toContain(name);
  for (const { depends } of Object.values(units)) {
    for (const name of depends) expect(units).toHaveProperty([name]);
  }
});

test('every attribute of the table has a program that the tests run, save data', async () => {
  const { entries } = await readTable(root, 'amd64');
  const programs = Object.keys(await readJson<object>('programs.json'));
  expect([...entries.keys()].filter((name) => name !== 'tzdata').sort()).toEqual(programs.sort());
});

test('no lock names a host', async () => {
  for (const arch of ['amd64', 'arm64']) {
    expect(await readFile(join(root, 'lock', `${arch}.json`), 'utf8')).not.toMatch(/https?:/);
  }
});
