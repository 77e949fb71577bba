import { createHash } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { MvmError } from '../../../errors/mvm-error.ts';
import type { Image } from '../../../image/load-image.ts';
import { loadSealed } from '../../../image/store/seal.ts';
import { markUsed, unusedMs } from '../../../state/last-used.ts';
import { acquireLock } from '../../../state/lock.ts';
import { debianDir, imagesDir, type Paths } from '../../../state/paths.ts';
import { ensureDir } from '../../../state/write.ts';
import { version } from '../../../version.ts';
import { defaultImage } from '../../../vm/images/default-image.ts';
import type { Architecture } from '../../../vm/state/record.ts';
import type { Surroundings } from '../../../vm/surroundings.ts';
import { builderEtc, environment } from './etc.ts';
import { packageRules } from './packages.ts';
import { scripts } from './scripts.ts';

/** To be raised when the assembling itself changes what is in the image. */
const revision = 2;

/**
 * The folder of the builder's image for this kernel and agent: named after all that decides its content but
 * the packages' versions, which stay as they were until `builder reset`.
 */
function folderName(base: Image): string {
  const parts = [
    revision,
    packageRules,
    builderEtc(version),
    scripts,
    environment,
    base.spec.files.kernel.sha256,
    base.spec.files.initrd.sha256,
  ];
  const key = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
  return `builder-${base.spec.system.replace(/-linux$/, '')}-${key}`;
}

/** The folder of the builder's image that goes with this default image. */
export function builderImageDir(paths: Paths, base: Image): string {
  return join(imagesDir(paths), folderName(base));
}

/**
 * The builder's image: the cached one, or a new one from Debian packages, with the kernel, the modules and the
 * agent of the default image. Throws what assembling either throws.
 */
export async function builderImage(arch: Architecture, options: Surroundings): Promise<Image> {
  const base = await defaultImage(arch, options);
  const dir = builderImageDir(options.paths, base);
  const cached = await cachedImage(dir);
  if (cached !== undefined) {
    await markUsed(dir);
    return cached;
  }
  await ensureDir(imagesDir(options.paths));
  const lock = await acquireLock(`${dir}.lock`, {
    what: 'the builder’s image',
    waitMs: 1_200_000,
    signal: options.signal,
    onWait: (pid) =>
      options.emit({
        type: 'note',
        level: 'info',
        text: `Process ${pid} is already assembling the builder; waiting …`,
      }),
  });
  try {
    return (await cachedImage(dir)) ?? (await assemble(arch, base, dir, options));
  } finally {
    await lock.release();
  }
}

async function assemble(
  arch: Architecture,
  base: Image,
  outDir: string,
  options: Surroundings,
): Promise<Image> {
  const { assembleBuilder } = await import('./assemble.ts');
  const { findMirror } = await import('../../../debian/mirror/mirror.ts');
  const { readUserConfig } = await import('../../../config/user-config.ts');
  const { env, paths, emit, signal } = options;
  const configured = (await readUserConfig(paths.config)).debian_mirror;
  await assembleBuilder({
    arch,
    base,
    mirror: await findMirror({ env, ...(configured === undefined ? {} : { configured }) }),
    cacheDir: debianDir(paths),
    version,
    outDir,
    emit,
    signal,
  });
  await removeOthers(outDir);
  return loadSealed(outDir, undefined, false);
}

/** Images of earlier kernels, agents and rules: 130 MB each, and none is used again. */
async function removeOthers(dir: string): Promise<void> {
  const prefix = basename(dir).replace(/[^-]+$/, '');
  for (const name of await readdir(dirname(dir))) {
    if (!name.startsWith(prefix) || name.startsWith(basename(dir)) || name.includes('.')) continue;
    const path = join(dirname(dir), name);
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > unusedMs) await rm(path, { recursive: true, force: true });
  }
}

/** A damaged image is as good as none: it is made again. */
async function cachedImage(dir: string): Promise<Image | undefined> {
  try {
    return await loadSealed(dir, undefined, false);
  } catch (error) {
    if (!(error instanceof MvmError && error.code === 'IMAGE_INVALID')) throw error;
    await rm(dir, { recursive: true, force: true });
    return undefined;
  }
}
