import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MvmError } from '../../errors/mvm-error.ts';
import type { Emit } from '../../events/events.ts';
import { type Image, loadImage } from '../../image/load-image.ts';
import { loadSealed } from '../../image/store/seal.ts';
import { markUsed } from '../../state/last-used.ts';
import { acquireLock } from '../../state/lock.ts';
import { debianDir, imagesDir, type Paths } from '../../state/paths.ts';
import { ensureDir } from '../../state/write.ts';
import { version } from '../../version.ts';
import type { Architecture } from '../state/record.ts';
import type { Surroundings } from '../surroundings.ts';
import { builtAgentDigest, guestAgent } from './agent.ts';
import { exists, home, isCheckout } from './installation.ts';

/** Set by the bundler: a digest of the sources that decide an assembled image's content. */
declare const MVM_IMAGE_SOURCES: string | undefined;

/** The folder of the image that came with the package, where there is one. */
export async function bundledImage(arch: Architecture): Promise<string | undefined> {
  if (await isCheckout()) return undefined;
  const dir = join(home, 'images', arch);
  return (await exists(join(dir, 'image.json'))) ? dir : undefined;
}

/**
 * The default image: the one in the package, else (in a checkout) the cached one, else a new one, assembled
 * from Debian packages and this checkout's guest agent.
 */
export async function defaultImage(arch: Architecture, options: Surroundings): Promise<Image> {
  const bundled = await bundledImage(arch);
  if (bundled !== undefined) return loadImage(bundled);
  if (!(await isCheckout())) {
    throw new MvmError(
      'IMAGE_INVALID',
      `This installation has no image for ${arch} (looked in ${join(home, 'images')}).`,
      {
        hint: 'npm install -g mvm   (install the package again)',
      },
    );
  }
  const agent = await guestAgent(arch, 'init', options);
  const dir = defaultImageDir(options.paths, arch, agent.sha256);
  const cached = await cachedImage(dir, options.emit);
  if (cached !== undefined) {
    await markUsed(dir);
    return cached;
  }
  await ensureDir(imagesDir(options.paths));
  const lock = await acquireLock(`${dir}.lock`, {
    what: 'the default image',
    waitMs: 600_000,
    signal: options.signal,
    onWait: (pid) =>
      options.emit({
        type: 'note',
        level: 'info',
        text: `Process ${pid} is already assembling this image; waiting …`,
      }),
  });
  try {
    return (await cachedImage(dir, options.emit)) ?? (await assemble(arch, agent.path, dir, options));
  } finally {
    await lock.release();
  }
}

/** The folder of the default image with this agent, in the cache. */
function defaultImageDir(paths: Paths, arch: Architecture, agentDigest: string): string {
  const sources = typeof MVM_IMAGE_SOURCES === 'string' ? MVM_IMAGE_SOURCES : 'source';
  const key = createHash('sha256').update(`${sources} ${agentDigest}`).digest('hex').slice(0, 16);
  return join(imagesDir(paths), `default-${arch}-${key}`);
}

/**
 * The folder that the default image is in, or will be once it is assembled; undefined if that can't be known before
 * the agent is built, or where there is none. Makes nothing.
 */
export async function currentImageDir(paths: Paths, arch: Architecture): Promise<string | undefined> {
  if (!(await isCheckout())) return bundledImage(arch);
  const digest = await builtAgentDigest(arch);
  return digest === undefined ? undefined : defaultImageDir(paths, arch, digest);
}

/** Whether the default image is the usual bare shell, and has not been replaced. Makes nothing. */
export async function isBareShell(paths: Paths, arch: Architecture): Promise<boolean> {
  const dir = await currentImageDir(paths, arch);
  if (dir === undefined || !(await exists(join(dir, 'image.json')))) return true;
  return isDefault((await loadImage(dir)).spec);
}

/** Whether an image is a busybox and nothing else. */
export function isDefault({ name, entrypointKind }: Pick<Image['spec'], 'name' | 'entrypointKind'>): boolean {
  return name === 'default' && entrypointKind === 'shell';
}

async function cachedImage(dir: string, emit: Emit): Promise<Image | undefined> {
  if (!(await exists(dir))) return undefined;
  try {
    return await loadSealed(dir, undefined, false);
  } catch (error) {
    if (!(error instanceof MvmError)) throw error;
    emit({
      type: 'note',
      level: 'warn',
      text: `The cached image is damaged and will be rebuilt: ${error.message}`,
    });
    await rm(dir, { recursive: true, force: true });
    return undefined;
  }
}

async function assemble(
  arch: Architecture,
  agent: string,
  dir: string,
  options: Surroundings,
): Promise<Image> {
  const { assembleFromDebian } = await import('../../image/default/from-debian.ts');
  const { readUserConfig } = await import('../../config/user-config.ts');
  await assembleFromDebian({
    arch,
    agent,
    version,
    outDir: dir,
    cacheDir: debianDir(options.paths),
    env: options.env,
    mirror: (await readUserConfig(options.paths.config)).debian_mirror,
    emit: options.emit,
    signal: options.signal,
  });
  return loadSealed(dir, undefined, false);
}
