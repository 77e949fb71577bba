import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readUserConfig } from '../../config/user-config.ts';
import type { PackageIndex } from '../../debian/index/packages.ts';
import { currentLock } from '../../debian/lock/current.ts';
import { writeSeed } from '../../debian/package/seed.ts';
import { debianIndex } from '../../image/default/from-debian.ts';
import { readCpio } from '../../image/format/cpio-read.ts';
import type { Image } from '../../image/load-image.ts';
import type { TarFile } from '../../project/tar-files.ts';
import { debianDir } from '../../state/paths.ts';
import { guestAgent } from '../../vm/images/agent.ts';
import { home } from '../../vm/images/installation.ts';
import type { Architecture } from '../../vm/state/record.ts';
import type { Surroundings } from '../../vm/surroundings.ts';
import { packageSetDir } from './digest.ts';
import { preparedKernel } from './kernel.ts';

/** A folder that the tool brings along for a build, with a digest of its content. */
export interface Bundle {
  /** The input of the flake that it stands for. */
  input: 'mvm' | 'nixpkgs';
  digest: string;
  files: readonly TarFile[];
}

/**
 * What a build of images for `arch` needs: the library, and the package set made from Debian packages.
 * Throws what reading the package index, downloading and unpacking throw.
 * @param debian names that `pkgs.debian` should have besides those of the lock, if Debian has them; without it, no
 * package set is made
 */
export async function bundles(
  arch: Architecture,
  base: Image,
  debian: readonly string[] | undefined,
  options: Surroundings,
): Promise<Bundle[]> {
  const { debian_mirror } = await readUserConfig(options.paths.config);
  const cacheDir = debianDir(options.paths);
  const index = await debianIndex({ ...options, arch, cacheDir, mirror: debian_mirror });
  const library = await libraryBundle(arch, base, index, options);
  return debian === undefined ? [library] : [library, await debianBundle(index, debian, options)];
}

/** The library as a flake: the repository's own, with agents and a kernel bundle already made, so that nothing is compiled. */
async function libraryBundle(
  arch: Architecture,
  base: Image,
  index: PackageIndex,
  options: Surroundings,
): Promise<Bundle> {
  const agent = readCpio(await readFile(base.initrd)).find(({ path }) => path === 'init');
  if (agent === undefined) throw new Error(`${base.initrd} holds no agent`);
  const sealed = await guestAgent(arch, 'init-sealed', options);
  const kernel = await preparedKernel(arch, index, options);
  const folder = `prebuilt/${arch}-linux`;
  const files: TarFile[] = [
    { name: 'flake.nix', content: await readFile(join(home, 'flake.nix')) },
    ...(await filesBelow(join(home, 'nix'), 'nix', (path) => !path.startsWith('nix/debian/'))),
    { name: `${folder}/init`, executable: true, content: agent.data },
    { name: `${folder}/init-sealed`, executable: true, content: await readFile(sealed.path) },
  ];
  for (const name of ['kernel', 'modules.cpio', 'kernel.json']) {
    files.push({ name: `${folder}/${name}`, content: await onDisk(join(kernel, name)) });
  }
  return { input: 'mvm', digest: await digestOf(files), files };
}

/** The package set made from Debian packages, with this host's mirror. */
async function debianBundle(
  index: PackageIndex,
  named: readonly string[],
  options: Surroundings,
): Promise<Bundle> {
  const dir = packageSetDir(options.paths);
  await writeSeed(dir, index, { signal: options.signal });
  const local = await filesBelow(join(dir, 'local'), 'local', () => true);
  const root = join(home, 'nix', 'debian');
  const lock = `lock/${index.arch}.json`;
  const { text } = await currentLock(
    root,
    index,
    named.filter((name) => index.get(name) !== undefined),
  );
  const own = await filesBelow(root, '', (path) => !path.startsWith('local/') && path !== lock);
  const files = [...own, { name: lock, content: Buffer.from(text) }, ...local];
  return { input: 'nixpkgs', digest: await digestOf(files), files };
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
