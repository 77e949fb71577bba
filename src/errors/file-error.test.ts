import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sha256OfFile } from '../debian/download/fetch.ts';
import { fetchRelease } from '../debian/index/release-fetch.ts';
import { readContentCache } from '../project/content-cache.ts';
import { temporaryFolder } from '../state/temporary-folder.fixture.ts';
import { fileError } from './file-error.ts';

const release = (cacheDir: string) =>
  fetchRelease({
    mirror: { url: 'http://nowhere.test', source: 'the test' },
    cacheDir,
    suite: 's',
    emit() {},
  });

const readers: [string, (dir: string, path: string) => unknown][] = [
  ['content-0123456789abcdef', (_, path) => readContentCache(path)],
  ['a.deb', (_, path) => sha256OfFile(path)],
  ['dists/s/InRelease', (dir) => release(dir)],
];

test.each(
  readers,
)('a folder in the place of %s in the cache is an error with its path', async (name, read) => {
  const dir = temporaryFolder('mvm-place-');
  const path = join(dir, name);
  mkdirSync(path, { recursive: true });
  const error = await Promise.resolve()
    .then(() => read(dir, path))
    .then(() => undefined, fileError);
  expect(error).toMatchObject({
    code: 'FILE_UNUSABLE',
    message: expect.stringMatching(`${path}: a folder has that name.`),
    hint: `ls -ld ${path}`,
  });
});
