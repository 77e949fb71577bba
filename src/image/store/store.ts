import { EventEmitter } from 'node:events';
import { mkdir, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { writeError } from '../../errors/file-error.ts';
import { MvmError, systemCode } from '../../errors/mvm-error.ts';
import type { Emit } from '../../events/events.ts';
import { ensureDir, uniqueSuffix } from '../../state/write.ts';
import { digestOfImageJson, type FileDigest } from '../digest.ts';
import { parseImageJson } from '../image-json.ts';
import type { Image } from '../load-image.ts';
import { replaceFolder } from '../write-folder.ts';
import { type BuildRecord, buildFile, buildRecords, buildsDir, storedDigests, storedDir } from './layout.ts';
import type { ReceiveOptions } from './receive.ts';
import { loadSealed, sealImage } from './seal.ts';

/** An image in the host's cache. */
export interface StoredImage extends Image {
  /** SHA-256 of its image.json, and so of all that is in it. */
  digest: string;
}

/** An image elsewhere, of which only those files come that no other image in the store has. */
export interface RemoteImage {
  /** Its image.json. */
  imageJson: string;
  /** A tar stream of its files, without those. */
  fetch(without: readonly string[]): Readable;
}

/** What `findImage` finds an image by. */
export interface BuildOf {
  fingerprint: string;
  project: string;
  profile: string;
}

/** Milliseconds after which leftovers of a killed writer count as unused. */
const leftoverMs = 24 * 3_600_000;

/**
 * Takes an image into the store, all or nothing: from a folder, a tar stream of its files, or from elsewhere. Every
 * checksum is checked on the way. The same image twice, also at the same time, is one entry.
 * @param store the folder; see `imagesDir`
 * @throws MvmError IMAGE_INVALID (incomplete, damaged, cut off), STATE_WRITE (disk full); the stream's error; the signal's reason
 */
export async function addImage(
  store: string,
  source: string | Readable | RemoteImage,
  options: ReceiveOptions,
): Promise<StoredImage> {
  // `receiveTar` throws it; without a listener an early one would end the process.
  if (source instanceof EventEmitter) source.on('error', () => {});
  await ensureDir(store);
  await removeLeftovers(store);
  const temporary = join(store, `incoming-${uniqueSuffix()}.tmp`);
  try {
    await mkdir(temporary);
    const digest = await check(temporary, await receive(store, source, temporary, options));
    const dir = storedDir(store, digest);
    await rename(temporary, dir).catch(async (error: unknown) => {
      if (!['ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '')) throw error;
      // It is there already: a good one stays, since VMs may be starting from it.
      const good = await loadSealed(dir, digest, true).catch(() => undefined);
      if (good === undefined) await replaceFolder(temporary, dir);
    });
    return { ...(await loadSealed(dir, digest, false)), digest };
  } catch (error) {
    throw writeError(error, store);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function receive(
  store: string,
  source: string | Readable | RemoteImage,
  dir: string,
  options: ReceiveOptions,
): Promise<Map<string, FileDigest>> {
  const { receiveFolder, receiveTar } = await import('./receive.ts');
  if (typeof source === 'string') return receiveFolder(source, dir, options);
  if (source instanceof EventEmitter) return receiveTar(source, dir, options);
  const { copyHeld } = await import('./held.ts');
  const held = await copyHeld(store, parseImageJson(source.imageJson, 'image.json').files, dir, options);
  const before = [...held.values()].reduce((sum, { size }) => sum + size, 0);
  const stream = source.fetch([...held.keys()]);
  stream.on('error', () => {});
  const onProgress = (bytes: number) => options.onProgress?.(bytes - before);
  return receiveTar(stream, dir, { ...options, onProgress }, held);
}

/** Notes that a build gives an image that is in the store. Throws STATE_WRITE. */
export async function recordBuild(
  store: string,
  image: string,
  { fingerprint, project, profile }: BuildOf,
): Promise<void> {
  await ensureDir(buildsDir(store));
  const record = { image, project, profile, builtAt: new Date().toISOString() };
  await buildRecords.write(buildFile(store, fingerprint), record);
}

/** Compares what arrived with what its image.json says; the image's digest. Removes what is no part of it. */
async function check(dir: string, found: ReadonlyMap<string, FileDigest>): Promise<string> {
  const path = join(dir, 'image.json');
  if (!found.has('image.json'))
    throw new MvmError('IMAGE_INVALID', 'What was built is not an image: it has no image.json.');
  const text = await readFile(path, 'utf8');
  const { files } = parseImageJson(text, 'image.json');
  for (const [name, { sha256, size }] of Object.entries(files)) {
    const file = found.get(name);
    if (file === undefined) throw new MvmError('IMAGE_INVALID', `The image that was built has no ${name}.`);
    if (file.size !== size || file.sha256 !== sha256) {
      throw new MvmError(
        'IMAGE_INVALID',
        `${name} of the image that was built is not what its image.json says.`,
      );
    }
  }
  for (const name of found.keys()) if (name !== 'image.json' && !(name in files)) await rm(join(dir, name));
  await sealImage(dir, Object.keys(files));
  return digestOfImageJson(text);
}

/**
 * The image that a build with this fingerprint gave, if it is in the store. Sizes are checked; checksums
 * where a file was touched since the last check, and with `verify`. A damaged image is removed, said in a
 * line, and as good as none.
 */
export async function findImage(
  store: string,
  fingerprint: string,
  options: { emit: Emit; verify?: boolean },
): Promise<StoredImage | undefined> {
  const file = buildFile(store, fingerprint);
  const build = await readBuild(file);
  if (build === undefined) return undefined;
  const now = new Date();
  // For `usedAt` only: a cache that can't be written to can still be read.
  await utimes(file, now, now).catch(() => {});
  return openImage(store, build.image, options);
}

/** The image with this digest, as `findImage`. */
export async function openImage(
  store: string,
  digest: string,
  { emit, verify = false }: { emit: Emit; verify?: boolean },
): Promise<StoredImage | undefined> {
  const dir = storedDir(store, digest);
  const there = await stat(dir).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error;
  });
  if (there === undefined) return undefined;
  try {
    return { ...(await loadSealed(dir, digest, verify)), digest };
  } catch (error) {
    if (!(error instanceof MvmError) || error.code !== 'IMAGE_INVALID') throw error;
    emit({ type: 'note', level: 'warn', text: `${error.message} It has been removed from the cache.` });
    await removeImage(store, digest);
    return undefined;
  }
}

export interface ListedImage {
  digest: string;
  dir: string;
  /** Absent where the image is damaged. */
  image?: StoredImage;
  problem?: MvmError;
  addedAt: Date;
  /** Builds that gave it, the one last asked for first. */
  builds: readonly ListedBuild[];
}

export interface ListedBuild extends BuildRecord {
  fingerprint: string;
  /** When it was built, or last found here. */
  usedAt: Date;
}

/** All images in the store, newest first; sizes are checked, checksums only of what was touched. */
export async function listImages(store: string): Promise<ListedImage[]> {
  const builds = await listBuilds(store);
  const listed: ListedImage[] = [];
  for (const digest of storedDigests(store)) {
    const dir = storedDir(store, digest);
    const own = builds.filter((build) => build.image === digest);
    const found = await stat(dir).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOENT') throw error;
    });
    if (found === undefined) continue;
    const base = { digest, dir, addedAt: found.mtime, builds: own };
    try {
      listed.push({ ...base, image: { ...(await loadSealed(dir, digest, false)), digest } });
    } catch (error) {
      if (!(error instanceof MvmError)) throw error;
      listed.push({ ...base, problem: error });
    }
  }
  return listed.sort((a, b) => b.addedAt.getTime() - a.addedAt.getTime());
}

/** Removes an image and the records of the builds that produced it; false if there is none. */
export async function removeImage(store: string, digest: string): Promise<boolean> {
  for (const build of await listBuilds(store)) {
    if (build.image === digest) await rm(buildFile(store, build.fingerprint), { force: true });
  }
  // Renamed first, so that no process finds half an image.
  const aside = join(store, `incoming-${uniqueSuffix()}.tmp`);
  const moved = await rename(storedDir(store, digest), aside).then(
    () => true,
    (error: unknown) => {
      if (systemCode(error) !== 'ENOENT') throw writeError(error, storedDir(store, digest));
      return false;
    },
  );
  await rm(aside, { recursive: true, force: true });
  return moved;
}

async function listBuilds(store: string): Promise<ListedBuild[]> {
  const builds: ListedBuild[] = [];
  for (const name of await namesIn(buildsDir(store))) {
    const fingerprint = /^([0-9a-f]{16,64})\.json$/.exec(name)?.[1];
    if (fingerprint === undefined) continue;
    const path = join(buildsDir(store), name);
    const build = await readBuild(path);
    const found = await stat(path).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOENT') throw error;
    });
    if (build !== undefined && found !== undefined)
      builds.push({ ...build, fingerprint, usedAt: found.mtime });
  }
  return builds.sort((a, b) => b.usedAt.getTime() - a.usedAt.getTime());
}

/** A damaged record, or one of a newer mvmctl, is as good as none: the worst is another build. */
async function readBuild(path: string): Promise<BuildRecord | undefined> {
  return buildRecords.read(path).catch((error: unknown) => {
    if (error instanceof MvmError) return undefined;
    throw error;
  });
}

async function namesIn(dir: string): Promise<string[]> {
  return readdir(dir).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  });
}

async function removeLeftovers(store: string): Promise<void> {
  for (const name of await namesIn(store)) {
    if (!/^incoming-.*\.tmp$/.test(name)) continue;
    const path = join(store, basename(name));
    const found = await stat(path).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOENT') throw error;
    });
    if (found !== undefined && Date.now() - found.mtimeMs > leftoverMs)
      await rm(path, { recursive: true, force: true });
  }
}
