import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { readSource } from '../../project/source.ts';
import { findPaths } from '../../state/paths.ts';
import { temporaryFolder } from '../../state/temporary-folder.fixture.ts';
import { describeSource } from './built-source.ts';
import { changedNames } from './source-changes.ts';

let dir: string;
let options: { paths: ReturnType<typeof findPaths>; env: NodeJS.ProcessEnv; signal: AbortSignal };
beforeEach(() => {
  const home = temporaryFolder('mvm-changes-');
  dir = join(home, 'project');
  mkdirSync(dir);
  for (const name of ['flake.nix', 'a', 'b']) writeFileSync(join(dir, name), name);
  options = { paths: findPaths({ HOME: home }), env: process.env, signal: new AbortController().signal };
});

const readNow = () => readSource(dir, options);
// What was written is older than what is read: the clock of files may lag behind ours.
const describeNow = async () => describeSource(await readNow(), new Date(Date.now() + 20), options);
const later = () => new Promise((resolve) => setTimeout(resolve, 40));

test('files written since are named, the flake first; one that is gone changes the whole; the same content is no change', async () => {
  const built = await describeNow();
  await later();
  writeFileSync(join(dir, 'a'), 'a');
  expect((await describeNow()).digest).toBe(built.digest);
  writeFileSync(join(dir, 'a'), 'other');
  writeFileSync(join(dir, 'flake.nix'), 'other');
  expect((await describeNow()).digest).not.toBe(built.digest);
  expect(changedNames(await readNow(), built)).toEqual(['flake.nix', 'a']);
  const rebuilt = await describeNow();
  await later();
  rmSync(join(dir, 'b'));
  expect((await describeNow()).digest).not.toBe(rebuilt.digest);
  expect(changedNames(await readNow(), rebuilt)).toEqual([`the files of ${dir}`]);
});
