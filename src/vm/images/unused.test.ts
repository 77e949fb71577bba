import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { formatImageJson } from '../../image/image-json.ts';
import { imageSpec } from '../../image/image-spec.fixture.ts';
import { buildFile } from '../../image/store/layout.ts';
import { addImage, findImage, recordBuild } from '../../image/store/store.ts';
import { findPaths, imagesDir, type Paths } from '../../state/paths.ts';
import { unusedImages } from './unused.ts';

let home: string;
let paths: Paths;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'mvm-unused-'));
  paths = findPaths({ HOME: home });
});
afterEach(() => rm(home, { recursive: true }));

const { signal } = new AbortController();
let builds = 0;
const fingerprint = (number: number) => String(number).padStart(64, '0');

/** An image of its own, of the builds that are named as [project, profile]. */
async function image(name: string, ...of: [string, string][]) {
  const from = join(home, `made-${name}`);
  const kernel = Buffer.from('kernel');
  const initrd = Buffer.from(name);
  await mkdir(from);
  const json = formatImageJson(imageSpec({ kernel, initrd }, { name }));
  for (const [file, content] of Object.entries({ kernel, initrd, 'image.json': json }))
    await writeFile(join(from, file), content);
  const { digest } = await addImage(imagesDir(paths), from, { signal });
  for (const [project, profile] of of) {
    const build = { fingerprint: fingerprint(++builds), project, profile };
    await recordBuild(imagesDir(paths), digest, build);
    // Two builds of one millisecond would have no order: these are of long ago.
    await utimes(buildFile(imagesDir(paths), build.fingerprint), builds, builds);
  }
}

async function project(name: string): Promise<string> {
  const dir = join(home, name);
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'flake.nix'), '');
  return dir;
}

const unused = async () =>
  (await unusedImages(paths)).map(({ listed, why }) => [listed.image?.spec.name, why]).sort();

test('the last build of each output of a project stays, earlier ones are unused', async () => {
  const app = await project('app');
  await image('old', [app, 'dev']);
  await image('new', [app, 'dev']);
  await image('production', [app, 'default']);
  await image('fetched', ['github:o/r', 'dev']);
  expect(await unused()).toEqual([['old', 'replaced by a newer build']]);
});

test('going back to an earlier source makes its image the current one again', async () => {
  const app = await project('app');
  await image('one', [app, 'dev']);
  const earlier = fingerprint(builds);
  await image('two', [app, 'dev']);
  expect(await findImage(imagesDir(paths), earlier, { emit() {} })).toBeDefined();
  expect((await unused()).map(([name]) => name)).toEqual(['two']);
});

test('an image that two projects share stays while one of them is there', async () => {
  const app = await project('app');
  await image('shared', ['/no/such/project', 'dev'], [app, 'dev']);
  await image('gone', ['/no/such/project', 'default']);
  await image('loose');
  expect(await unused()).toEqual([
    ['gone', 'the project is gone'],
    ['loose', 'belongs to no project'],
  ]);
});
