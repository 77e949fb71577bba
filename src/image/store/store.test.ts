import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { MvmEvent } from '../../events/events.ts';
import { formatImageJson } from '../image-json.ts';
import { imageSpec } from '../image-spec.fixture.ts';
import {
  addImage,
  type BuildOf,
  findImage,
  listImages,
  openImage,
  recordBuild,
  removeImage,
} from './store.ts';

vi.mock('node:fs/promises', async (original) => ({ ...(await original<typeof fs>()) }));
const { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } = fs;

let store: string;
let events: MvmEvent[];
beforeEach(async () => {
  store = join(await mkdtemp(join(tmpdir(), 'mvm-store-')), 'images');
  events = [];
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(join(store, '..'), { recursive: true });
});

const signal = new AbortController().signal;
const emit = (event: MvmEvent) => events.push(event);
const fingerprint = 'f'.repeat(64);
const build = { fingerprint, project: '/p', profile: 'dev' };

function filesOf(name: string, rootfs = 'the root') {
  const kernel = Buffer.from('kernel');
  const initrd = Buffer.from(`initrd of ${name}`);
  const root = Buffer.from(rootfs);
  const json = formatImageJson(imageSpec({ kernel, initrd, 'rootfs.erofs': root }, { name }));
  return { 'image.json': Buffer.from(json), initrd, kernel, 'rootfs.erofs': root };
}

async function tar(files: Record<string, Buffer>): Promise<Buffer> {
  const archive = pack();
  archive.entry({ name: './', type: 'directory' });
  for (const [name, content] of Object.entries(files))
    archive.entry({ name: `./${name}`, mode: 0o444 }, content.toString());
  archive.finalize();
  return buffer(archive as unknown as Readable);
}

const add = async (
  files: Record<string, Buffer>,
  { of = build, ...options }: { of?: BuildOf; onProgress?: (bytes: number) => void } = {},
) => {
  const image = await addImage(store, Readable.from([await tar(files)]), { signal, ...options });
  await recordBuild(store, image.digest, of);
  return image;
};

test('an image that came as a stream is found by its fingerprint, with its files', async () => {
  let last = 0;
  const added = await add(filesOf('app'), { onProgress: (bytes: number) => (last = bytes) });
  expect(added.spec.name).toBe('app');
  expect(await readFile(added.rootfs ?? '', 'utf8')).toBe('the root');
  expect(last).toBeGreaterThan(500);
  expect(await findImage(store, fingerprint, { emit })).toEqual(added);
  expect(await findImage(store, 'a'.repeat(64), { emit })).toBeUndefined();
  expect(events).toEqual([]);
});

test('from a folder, by the same name, whatever else lies in it', async () => {
  const from = join(store, '..', 'result');
  await mkdir(join(from, 'nix-support'), { recursive: true });
  for (const [name, content] of Object.entries(filesOf('app'))) await writeFile(join(from, name), content);
  await writeFile(join(from, 'more'), 'more');
  const added = await addImage(store, from, { signal });
  expect(added.digest).toBe((await add(filesOf('app'))).digest);
  expect((await readdir(added.dir)).sort()).toEqual([
    '.seal',
    'image.json',
    'initrd',
    'kernel',
    'rootfs.erofs',
  ]);
});

test('of an image elsewhere only those files come that no other image has whole', async () => {
  const first = await add(filesOf('app', 'a root'));
  const files = filesOf('other', 'a root');
  const asked: string[][] = [];
  const remote = {
    imageJson: files['image.json'].toString(),
    fetch(without: readonly string[]) {
      asked.push([...without].sort());
      const rest = Object.entries(files).filter(([name]) => !without.includes(name));
      return Readable.from(
        (async function* () {
          yield await tar(Object.fromEntries(rest));
        })(),
      );
    },
  };
  const added = await addImage(store, remote, { signal });
  expect(asked).toEqual([['kernel', 'rootfs.erofs']]);
  expect(await readFile(added.rootfs ?? '', 'utf8')).toBe('a root');
  expect((await readdir(added.dir)).sort()).toEqual((await readdir(first.dir)).sort());

  // Damaged in both: it comes anew.
  await removeImage(store, added.digest);
  await chmod(join(first.dir, 'kernel'), 0o644);
  await writeFile(join(first.dir, 'kernel'), 'Kernel');
  expect((await addImage(store, remote, { signal })).digest).toBe(added.digest);
  expect(asked.at(-1)).toEqual(['rootfs.erofs']);
  expect(await readFile(join(added.dir, 'kernel'), 'utf8')).toBe('kernel');
});

test('what is incomplete, wrong or cut off is refused and leaves nothing', async () => {
  const files = filesOf('app');
  const { kernel: _, ...incomplete } = files;
  const { 'image.json': __, ...noImage } = files;
  const whole = await tar(files);
  const cases: [Readable, string][] = [
    [Readable.from([await tar(incomplete)]), 'has no kernel'],
    [Readable.from([await tar(noImage)]), 'it has no image.json'],
    [
      Readable.from([await tar({ ...files, kernel: Buffer.from('Kernel') })]),
      'kernel of the image that was built is not',
    ],
    [Readable.from([whole.subarray(0, whole.length - 3000)]), 'incomplete or corrupted'],
    [Readable.from([Buffer.alloc(5000, 'x')]), 'incomplete or corrupted'],
  ];
  for (const [stream, message] of cases) {
    await expect(addImage(store, stream, { signal })).rejects.toMatchObject({
      code: 'IMAGE_INVALID',
      message: expect.stringContaining(message),
    });
  }
  expect(await readdir(store)).toEqual([]);
});

test('a stream that breaks gives its own error; an abort its reason; neither leaves anything', async () => {
  const broken = new PassThrough();
  const whole = await tar(filesOf('app'));
  broken.write(whole.subarray(0, 1000));
  const adding = addImage(store, broken, { signal });
  adding.catch(() => {});
  broken.destroy(new Error('builder gone'));
  await expect(adding).rejects.toThrow('builder gone');
  const abort = new AbortController();
  const waiting = addImage(store, new PassThrough(), { signal: abort.signal });
  waiting.catch(() => {});
  abort.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  expect(await readdir(store)).toEqual([]);
});

test('a full disk is STATE_WRITE with the store’s path, and nothing is left', async () => {
  const open = fs.open;
  vi.spyOn(fs, 'open').mockImplementation(async (...args) =>
    Object.assign(await open(...args), {
      write: async () => {
        throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
      },
    }),
  );
  await expect(add(filesOf('app'))).rejects.toMatchObject({
    code: 'STATE_WRITE',
    message: `Can't write ${store}: the disk is full.`,
  });
  expect(await readdir(store)).toEqual([]);
});

test('a link or a path in a stream can’t get out of the folder', async () => {
  const archive = pack();
  archive.entry({ name: 'kernel', type: 'symlink', linkname: '/etc/passwd' });
  archive.finalize();
  await expect(addImage(store, archive as unknown as Readable, { signal })).rejects.toMatchObject({
    code: 'IMAGE_INVALID',
  });
  await add({ ...filesOf('app'), '../../outside': Buffer.from('x'), '/tmp/mvm-outside': Buffer.from('x') });
  expect((await readdir(join(store, '..'))).sort()).toEqual(['images']);
});

test('many at once end in one whole entry', async () => {
  const all = await Promise.all(Array.from({ length: 6 }, () => add(filesOf('app'))));
  expect(new Set(all.map((image) => image.digest)).size).toBe(1);
  expect((await readdir(store)).sort()).toEqual(['builds', `sha256-${all[0]?.digest}`]);
  expect(await findImage(store, fingerprint, { emit, verify: true })).toEqual(all[0]);
});

test('a changed file of the right size is found by its checksum, removed and told', async () => {
  const { rootfs = '', dir } = await add(filesOf('app'));
  await chmod(rootfs, 0o644);
  await writeFile(rootfs, 'The root');
  expect(await findImage(store, fingerprint, { emit })).toBeUndefined();
  expect(events).toEqual([
    {
      type: 'note',
      level: 'warn',
      text: `${rootfs} is damaged: it is not what its image.json says. It has been removed from the cache.`,
    },
  ]);
  expect(await readdir(store)).toEqual(['builds']);
  expect(await readdir(join(store, 'builds'))).toEqual([]);
  expect((await add(filesOf('app'))).dir).toBe(dir);
});

test('a file that was touched but is right passes, and is not hashed again', async () => {
  const { rootfs = '', dir } = await add(filesOf('app'));
  const seal = await readFile(join(dir, '.seal'), 'utf8');
  await utimes(rootfs, 1, 1);
  expect(await findImage(store, fingerprint, { emit })).toBeDefined();
  expect(await readFile(join(dir, '.seal'), 'utf8')).not.toBe(seal);
});

test('a cut-off file and another image.json are damage too; adding again mends them', async () => {
  const { dir, digest } = await add(filesOf('app'));
  await rm(join(dir, 'kernel'));
  await add(filesOf('app'));
  expect(await openImage(store, digest, { emit, verify: true })).toBeDefined();
  await rm(join(dir, 'image.json'));
  await writeFile(join(dir, 'image.json'), filesOf('other')['image.json']);
  expect(await openImage(store, digest, { emit })).toBeUndefined();
  expect(events).toHaveLength(1);
});

test('images are listed with the builds that gave them; damaged ones with what is wrong', async () => {
  const app = await add(filesOf('app'));
  const web = await add(filesOf('web'), {
    of: { ...build, fingerprint: 'e'.repeat(64), profile: 'default' },
  });
  await writeFile(join(store, 'builds', `${'d'.repeat(64)}.json`), '{"versio');
  await mkdir(join(store, 'default-x86_64-0123456789abcdef'));
  await rm(join(web.dir, 'kernel'));
  const listed = await listImages(store);
  expect(listed.map(({ digest }) => digest).sort()).toEqual([app.digest, web.digest].sort());
  expect(listed.find(({ digest }) => digest === app.digest)).toMatchObject({
    image: { spec: { name: 'app' } },
    builds: [{ fingerprint, project: '/p', profile: 'dev' }],
  });
  expect(listed.find(({ digest }) => digest === web.digest)?.problem?.code).toBe('IMAGE_INVALID');
  expect(await listImages(join(store, 'none'))).toEqual([]);
});

test('a removed image is gone with its builds; one that is not there is no error', async () => {
  const { digest } = await add(filesOf('app'));
  expect(await removeImage(store, digest)).toBe(true);
  expect(await removeImage(store, digest)).toBe(false);
  expect(await findImage(store, fingerprint, { emit })).toBeUndefined();
  expect(await listImages(store)).toEqual([]);
});

test('what a killed writer left is removed after a day; what is being written stays', async () => {
  await mkdir(join(store, 'incoming-old.tmp'), { recursive: true });
  await mkdir(join(store, 'incoming-new.tmp'));
  await utimes(join(store, 'incoming-old.tmp'), 1, 1);
  await symlink('/nonexistent', join(store, 'incoming-link.tmp'));
  const { digest } = await add(filesOf('app'));
  expect((await readdir(store)).sort()).toEqual([
    'builds',
    'incoming-link.tmp',
    'incoming-new.tmp',
    `sha256-${digest}`,
  ]);
});
