import { mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { unneededTemplates } from '../../space/templates.ts';
import { type Paths, templatesDir } from '../../state/paths.ts';
import { temporaryFolder } from '../../state/temporary-folder.fixture.ts';
import { boundTemplates, listTemplates } from './kept.ts';
import { loadTemplate, recordTemplate, removeTemplate } from './store.ts';

const key = (digit: string): string => digit.repeat(32);

function home(): Paths {
  const dir = temporaryFolder('mvm-templates-');
  return { state: dir, cache: join(dir, 'cache'), runtime: join(dir, 'run'), config: join(dir, 'config') };
}

/** A template of a MiB, last used so many days ago. */
async function make(paths: Paths, digit: string, days: number, image = paths.state): Promise<string> {
  const dir = join(templatesDir(paths), key(digit));
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'memory'), Buffer.alloc(2 ** 20, 1));
  writeFileSync(join(dir, 'state'), 'state');
  const madeAt = new Date().toISOString();
  await recordTemplate(dir, { image, imageName: 'app', vcpus: 1, memoryMib: 1, madeAt });
  const then = new Date(Date.now() - days * 86_400_000);
  utimesSync(dir, then, then);
  return dir;
}

const keys = async (paths: Paths) => (await listTemplates(paths)).map((one) => one.key);

test('the least used go first, until the others fit; a bound of nothing leaves none', async () => {
  const paths = home();
  for (const [digit, days] of [
    ['a', 3],
    ['b', 1],
    ['c', 2],
  ] as const)
    await make(paths, digit, days);
  expect(await keys(paths)).toEqual(['b', 'c', 'a'].map(key));
  await boundTemplates(paths, 10 * 2 ** 20);
  expect(await keys(paths)).toHaveLength(3);
  await boundTemplates(paths, 2.5 * 2 ** 20);
  expect(await keys(paths)).toEqual(['b', 'c'].map(key));
  await boundTemplates(paths, 0);
  expect(readdirSync(templatesDir(paths))).toEqual([]);
});

test('one that was written to since it was made is damaged', async () => {
  const paths = home();
  for (const name of ['memory', 'state', 'template.json']) {
    const dir = await make(paths, 'a', 0);
    expect(await loadTemplate(paths, key('a'))).toMatchObject({ key: key('a') });
    writeFileSync(join(dir, name), Buffer.alloc(2 ** 20, 1));
    expect(await loadTemplate(paths, key('a')), name).toBe('damaged');
    await removeTemplate(paths, key('a'));
    expect(await loadTemplate(paths, key('a'))).toBeUndefined();
  }
});

test('prune takes what no start would use, and what a killed maker left, but nothing that one is at work on', async () => {
  const paths = home();
  const dir = templatesDir(paths);
  await make(paths, 'a', 1);
  await make(paths, 'b', 40);
  await make(paths, 'c', 1, join(paths.state, 'no-such-image'));
  writeFileSync(join(await make(paths, 'd', 1), 'state'), 'another');
  mkdirSync(join(dir, `${key('e')}.tmp`));
  writeFileSync(join(dir, `${key('f')}.failed`), 'why');
  utimesSync(join(dir, `${key('f')}.failed`), 1, 1);
  symlinkSync('1:x:y', join(dir, `${key('e')}.lock`));
  const found = await unneededTemplates(paths);
  expect(Object.fromEntries(found.map(({ path, why }) => [path.slice(dir.length + 1), why]))).toEqual({
    [key('b')]: 'not used for 30 days',
    [key('c')]: 'its image is gone',
    [key('d')]: 'damaged',
    [`${key('e')}.tmp`]: 'left by a killed command',
    [`${key('f')}.failed`]: 'tells of an attempt long ago',
  });
  expect(found.find(({ path }) => path.endsWith('.tmp'))?.lock).toBe(join(dir, `${key('e')}.lock`));
});
