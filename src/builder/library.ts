import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readUserConfig } from '../config/user-config.ts';
import { currentLock } from '../debian/current-lock.ts';
import { writeSeed } from '../debian/seed.ts';
import { readCpio } from '../image/cpio-read.ts';
import { debianIndex, libraryKernel } from '../image/from-debian.ts';
import { writeKernelBundle } from '../image/kernel-bundle.ts';
import type { Image } from '../image/load-image.ts';
import type { TarFile } from '../project/tar-files.ts';
import { debianDir } from '../state/paths.ts';
import { home, type ImageOptions } from '../vm/default-image.ts';
import type { Architecture } from '../vm/record.ts';

/** What the tool brings along for a build: folders in the builder, each with a digest of its content. */
export interface Bundle {
  /** The folder in the builder. */
  dir: string;
  digest: string;
  files: readonly TarFile[];
}

export const libraryDir = '/mvm/flake';
export const debianSetDir = '/mvm/nixpkgs-debian';

/** Name and revision of what is prepared here, for the folder in the cache. */
const revision = 1;

/** Set by the bundler: a digest of the library's own files. */
declare const MVM_LIBRARY_SOURCES: string | undefined;

/**
 * Names what a build gets from the tool (library, package set, agent, kernel) without preparing any of it.
 * @param base the default image, whose agent and kernel they are
 */
export function libraryDigest(base: Image): string {
  const sources = typeof MVM_LIBRARY_SOURCES === 'string' ? MVM_LIBRARY_SOURCES : 'source';
  return [revision, sources, base.spec.files.kernel.sha256, base.spec.files.initrd.sha256].join(' ');
}

/**
 * The library as a flake: the repository's own, with the agent and a kernel bundle already made, so that
 * nothing is compiled. Throws what downloading and unpacking the kernel throws.
 */
export async function libraryBundle(arch: Architecture, base: Image, options: ImageOptions): Promise<Bundle> {
  const agent = readCpio(await readFile(base.initrd)).find(({ path }) => path === 'init');
  if (agent === undefined) throw new Error(`${base.initrd} holds no agent`);
  const kernel = await preparedKernel(arch, options);
  const folder = `prebuilt/${arch}-linux`;
  const files: TarFile[] = [
    { name: 'flake.nix', content: await readFile(join(home, 'flake.nix')) },
    ...(await filesBelow(join(home, 'nix'), 'nix', (path) => !path.startsWith('nix/debian/'))),
    { name: `${folder}/init`, executable: true, content: agent.data },
  ];
  for (const name of ['kernel', 'modules.cpio', 'kernel.json']) {
    files.push({ name: `${folder}/${name}`, content: await onDisk(join(kernel, name)) });
  }
  return { dir: libraryDir, digest: await digestOf(files), files };
}

/** The package set made from Debian packages, with this host's mirror. Throws what reading the index throws. */
export async function debianBundle(arch: Architecture, options: ImageOptions): Promise<Bundle> {
  const dir = join(options.paths.cache, `nixpkgs-debian-${revision}`);
  const index = await debianIndex(await debianOptions(arch, options));
  await writeSeed(dir, index, { signal: options.signal });
  const local = await filesBelow(join(dir, 'local'), 'local', () => true);
  const root = join(home, 'nix', 'debian');
  const lock = `lock/${index.arch}.json`;
  const { text } = await currentLock(root, index);
  const own = await filesBelow(root, '', (path) => !path.startsWith('local/') && path !== lock);
  const files = [...own, { name: lock, content: Buffer.from(text) }, ...local];
  return { dir: debianSetDir, digest: await digestOf(files), files };
}

async function debianOptions(arch: Architecture, options: ImageOptions) {
  const { debian_mirror } = await readUserConfig(options.paths.config);
  return { ...options, arch, cacheDir: debianDir(options.paths), mirror: debian_mirror };
}

/** The folder of the kernel bundle in the cache, made where it is not there. */
async function preparedKernel(arch: Architecture, options: ImageOptions): Promise<string> {
  const dir = join(options.paths.cache, 'kernels', `${arch}-${revision}`);
  try {
    await stat(join(dir, 'kernel.json'));
    return dir;
  } catch {
    // Not there yet; whatever else is wrong shows when it is written.
  }
  const bundle = await libraryKernel(await debianOptions(arch, options));
  await mkdir(join(dir, '..'), { recursive: true });
  await writeKernelBundle(bundle, dir);
  return dir;
}

async function onDisk(path: string): Promise<TarFile['content']> {
  return { path, size: (await stat(path)).size };
}

async function filesBelow(
  dir: string,
  prefix: string,
  wanted: (path: string) => boolean,
): Promise<TarFile[]> {
  const files: TarFile[] = [];
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = join(prefix, path.slice(dir.length + 1));
    if (!wanted(name)) continue;
    const executable = ((await stat(path)).mode & 0o100) !== 0;
    files.push({ name, executable, content: await readFile(path) });
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Files on disk count by path, size and time: they are ours, and written once. */
async function digestOf(files: readonly TarFile[]): Promise<string> {
  const hash = createHash('sha256');
  for (const { name, executable, content } of files) {
    hash.update(`${name}\0${executable === true}\0`);
    if (Buffer.isBuffer(content)) hash.update(content);
    else hash.update(`${content.path} ${content.size} ${(await stat(content.path)).mtimeMs}`);
  }
  return hash.digest('hex');
}
