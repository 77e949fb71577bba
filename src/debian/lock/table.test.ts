import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readTable } from './table.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'mvm-table-'));
  await mkdir(join(root, 'table'));
  await writeFile(join(root, 'ignored.json'), '["debconf"]');
});

afterEach(() => rm(root, { recursive: true }));

test('names of packages follow the architecture', async () => {
  await writeFile(join(root, 'table', 'a.json'), '{ "gcc": { "debs": ["gcc-14", "gcc-14-@gnu@"] } }');
  const table = await readTable(root, 'arm64');
  expect(table.entries.get('gcc')?.debs).toEqual(['gcc-14', 'gcc-14-aarch64-linux-gnu']);
  expect(table.ignored).toEqual(new Set(['debconf']));
});

test('an attribute in two files is refused', async () => {
  await writeFile(join(root, 'table', 'a.json'), '{ "git": { "debs": ["git"] } }');
  await writeFile(join(root, 'table', 'b.json'), '{ "git": { "debs": ["git-all"] } }');
  await expect(readTable(root, 'amd64')).rejects.toThrow(/b\.json has git/);
});

test('a file that is not JSON is named', async () => {
  await writeFile(join(root, 'table', 'a.json'), '{');
  await expect(readTable(root, 'amd64')).rejects.toThrow(/a\.json/);
});
