import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { digestOfImageJson } from '../../src/image/digest.ts';
import { storedDir } from '../../src/image/store/layout.ts';
import { type ImageParts, makeImageFiles } from '../../src/image/verify/image.fixture.ts';
import { findPaths, imagesDir } from '../../src/state/paths.ts';
import { type Home, makeHome } from '../mvmctl.ts';

let home: Home;
beforeEach(() => {
  home = makeHome();
});
afterEach(() => home.remove());

/** Puts an image into the home's cache; its digest. */
function store(parts: ImageParts = {}): string {
  const files = makeImageFiles(parts);
  const digest = digestOfImageJson(files['image.json'] ?? '');
  const dir = storedDir(imagesDir(findPaths(home.env)), digest);
  mkdirSync(dir, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(dir, name), bytes);
  return digest;
}

test('an image of the cache is named by the beginning of its digest; a sealed one ends with 0', async () => {
  const digest = store();
  const { status, stdout, stderr } = await home.run(['verify', digest.slice(0, 12)]);
  expect([status, stdout.split('\n').at(-2)], stderr).toEqual([
    0,
    `small (${digest.slice(0, 12)}) is sealed: no console, no exec, a verified root.`,
  ]);
});

test('a folder is named by its path, and what is wrong is on standard output and in the status', async () => {
  const dir = storedDir(imagesDir(findPaths(home.env)), store());
  writeFileSync(join(dir, 'extra'), '');
  const { status, stdout, stderr } = await home.run(['verify', dir]);
  expect(status).toBe(1);
  expect(stdout).toContain('FAIL files: extra is not in image.json');
  expect(stderr).toMatch(/^error: .* fails verification: files\.$/m);
  const json = await home.run(['verify', dir, '--json']);
  expect([json.status, (JSON.parse(json.stdout) as { ok: boolean }).ok]).toEqual([1, false]);
});

test('an image of the cache whose image.json was replaced is found', async () => {
  const [digest, other] = [store(), store({ json: { memoryMib: 512 } })];
  const files = makeImageFiles({ json: { memoryMib: 512 } });
  writeFileSync(
    join(storedDir(imagesDir(findPaths(home.env)), digest), 'image.json'),
    files['image.json'] ?? '',
  );
  expect((await home.run(['verify', digest])).stdout).toContain('FAIL metadata: image.json is damaged');
  expect((await home.run(['verify', other])).status).toBe(0);
});

test("a file's name in the image can't write to the terminal or make a line of its own", async () => {
  const digest = store({ files: { 'bin/\u001b[2Jx\nsmall is sealed': { content: '', mode: 0o4755 } } });
  const { status, stdout } = await home.run(['verify', digest]);
  expect(status).toBe(1);
  expect(stdout).toContain('FAIL privileges: /bin/x·small is sealed is setuid');
  expect(stdout).not.toContain('\u001b');
});

test('what names no image is a wrong call', async () => {
  for (const asked of ['nothing', 'ab12', '']) {
    const { status, stderr } = await home.run(['verify', asked]);
    expect([status, stderr.includes('→ mvmctl images')], asked).toEqual([2, true]);
  }
  expect((await home.run(['verify', './nothing'])).status).toBe(1);
});

test('completion offers images', async () => {
  const digest = store();
  const { stdout } = await home.run(['complete', '--', 'verify', '']);
  expect(stdout).toContain(digest.slice(0, 12));
});
