import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { digestOf } from '../../image/digest.ts';
import { formatImageJson } from '../../image/image-json.ts';
import { imageSpec } from '../../image/image-spec.fixture.ts';
import { addImage, recordBuild, type StoredImage } from '../../image/store/store.ts';
import { readSource } from '../../project/source.ts';
import { type Build, exactPrint, type KnownOptions, knownImage, noteReads } from './known-image.ts';

let dir: string;
let project: string;
let options: KnownOptions;
let image: StoredImage;
const { signal } = new AbortController();

beforeEach(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'mvm-known-')));
  project = join(dir, 'project');
  options = { store: join(dir, 'images'), cacheDir: join(dir, 'projects'), emit() {}, signal };
  await write('flake.nix', '{ outputs = _: { }; }');
  await write('src/server.js', 'serve()');
  await write('README.md', 'words');
  await write('mvm.toml', '[env]');
  const kernel = Buffer.from('kernel');
  const initrd = Buffer.from('initrd');
  const from = join(dir, 'result');
  await mkdir(from);
  const files = {
    kernel,
    initrd,
    'image.json': formatImageJson(imageSpec({ kernel, initrd }, { name: 'app' })),
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(from, name), content);
  image = await addImage(options.store, from, { signal });
  expect(image.digest).toBe(digestOf(Buffer.from(files['image.json'])).sha256);
});
afterEach(() => rm(dir, { recursive: true }));

async function write(name: string, text: string): Promise<void> {
  await mkdir(dirname(join(project, name)), { recursive: true });
  await writeFile(join(project, name), text);
}

async function build(profile = 'dev'): Promise<Build> {
  const source = await readSource(project, { env: process.env, signal });
  return { inputs: { library: 'l', profile, system: 's' }, project, source };
}

/** A build of the project as it is, which read these files. */
async function built(...read: string[]): Promise<void> {
  const now = await build();
  const print = await exactPrint(now, options);
  await recordBuild(options.store, image.digest, { fingerprint: print, project, profile: 'dev' });
  await noteReads(now, image, new Set(read), options);
}

async function isKnown(profile?: string): Promise<boolean> {
  const now = await build(profile);
  return (await knownImage(now, await exactPrint(now, options), options)) !== undefined;
}

test('a file that the build did not read changes nothing; one that it read does', async () => {
  await built('flake.nix', 'src/server.js');
  expect(await isKnown()).toBe(true);
  await write('README.md', 'other words');
  await write('mvm.toml', '[env]\nA = "1"');
  expect(await isKnown()).toBe(true);
  await write('src/server.js', 'serve(2)');
  expect(await isKnown()).toBe(false);
  await write('src/server.js', 'serve()');
  expect(await isKnown()).toBe(true);
});

test('a file that appears, goes or becomes a program may change any build', async () => {
  await built('flake.nix');
  await write('src/new.js', '');
  expect(await isKnown()).toBe(false);
  await rm(join(project, 'src/new.js'));
  expect(await isKnown()).toBe(true);
  await rm(join(project, 'README.md'));
  expect(await isKnown()).toBe(false);
});

test('a lock file is read, also where the build that wrote it found none', async () => {
  await write('flake.lock', '{}');
  await built('flake.nix');
  await write('flake.lock', '{ }');
  expect(await isKnown()).toBe(false);
});

test('another profile is another build', async () => {
  await built('flake.nix');
  expect(await isKnown('default')).toBe(false);
});

test.each([
  'inputs.self.narHash',
  'self.sourceInfo',
  'builtins.unsafeDiscardStringContext',
])('a flake that says %s is built again after any change', async (word) => {
  await write('flake.nix', `{ outputs = { self }: ${word}; }`);
  await built('flake.nix');
  expect(await isKnown()).toBe(true);
  await write('README.md', 'other words');
  expect(await isKnown()).toBe(false);
});

test('where nobody knows what was read, each file counts', async () => {
  const now = await build();
  await recordBuild(options.store, image.digest, {
    fingerprint: await exactPrint(now, options),
    project,
    profile: 'dev',
  });
  await noteReads(now, image, undefined, options);
  await write('README.md', 'other words');
  expect(await isKnown()).toBe(false);
});
