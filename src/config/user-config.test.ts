import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../state/temporary-folder.fixture.ts';
import { readUserConfig } from './user-config.ts';

async function config(text: string): Promise<string> {
  const path = join(temporaryFolder('mvm-config-'), 'config.toml');
  await writeFile(path, text);
  return path;
}

test('settings are read; no file means none', async () => {
  expect(await readUserConfig(await config('debian_mirror = "http://mirror.test/debian"\n'))).toEqual({
    debian_mirror: 'http://mirror.test/debian',
  });
  expect(await readUserConfig('/nonexistent/config.toml')).toEqual({});
});

test('an unknown setting is refused with its line and the nearest name', async () => {
  const path = await config('# mine\ndebian_miror = "http://mirror.test/debian"\n');
  await expect(readUserConfig(path)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: `${path}:2: there is no setting 'debian_miror'.`,
    hint: 'did you mean debian_mirror?',
  });
});

test('a wrong value and a syntax error name file and line', async () => {
  const wrong = await config('\n\ndebian_mirror = 7\n');
  await expect(readUserConfig(wrong)).rejects.toThrow(`${wrong}:3: debian_mirror`);
  const broken = await config('debian_mirror = "x\n');
  await expect(readUserConfig(broken)).rejects.toThrow(`${broken}:1:`);
});
