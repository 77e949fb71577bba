import { dirname } from 'node:path';
import { hostOf } from '../../debian/download/retry.ts';
import { tellWaits } from '../../debian/download/tell-waits.ts';
import { openIndex, type PackageIndex } from '../../debian/index/packages.ts';
import type { PackageRecord } from '../../debian/index/record.ts';
import { findMirror } from '../../debian/mirror/mirror.ts';
import { extractFiles, fetchPackage } from '../../debian/package/file.ts';
import { MvmError } from '../../errors/mvm-error.ts';
import { type Emit, type Phase, phase } from '../../events/events.ts';
import { type Arch, debianArch } from '../arch.ts';
import { isKernelFile, type KernelBundle, makeKernelBundle } from '../kernel/bundle.ts';
import { libraryModules } from '../kernel/modules.ts';
import type { Image } from '../load-image.ts';
import { assembleDefaultImage } from './image.ts';

export interface FromDebianOptions {
  arch: Arch;
  /** Path of the guest agent for `arch`. */
  agent: string;
  /** mvm's version, for the guest's /etc/os-release. */
  version: string;
  /** Becomes the image; replaced where it exists. */
  outDir: string;
  /** Downloads are kept here. */
  cacheDir: string;
  env: NodeJS.ProcessEnv;
  /** The mirror of the user's configuration file. */
  mirror?: string | undefined;
  emit: Emit;
  signal: AbortSignal;
}

/** A Debian package whose content is in the image. */
export interface UsedPackage {
  package: string;
  version: string;
  /** Name of its Debian source package. */
  source: string;
  copyright: string;
}

/**
 * Makes the default image from Debian's cloud kernel and static busybox, downloading what the cache lacks.
 * @throws MvmError MIRROR_UNKNOWN, MIRROR_UNREACHABLE, SIGNATURE_INVALID, CHECKSUM_MISMATCH, …
 */
export async function assembleFromDebian(
  options: FromDebianOptions,
): Promise<{ image: Image; packages: UsedPackage[] }> {
  const { arch, agent, version, outDir, emit, signal } = options;
  const index = await debianIndex(options);
  const busybox = required(index, 'busybox-static');
  const kernel = cloudKernel(index, arch);
  const files = new Map<PackageRecord, string>();
  await phase(emit, 'packages', 'Downloading kernel and busybox', async (progress) => {
    for (const record of [busybox, kernel]) {
      files.set(record, await load(index, record, progress, signal));
    }
  });
  return phase(emit, 'image', `Assembling the default image (${arch})`, async (progress) => {
    progress.status('unpacking busybox');
    const userland = await unpack(files.get(busybox), busybox, (path) => /(^|\/)bin\/busybox$/.test(path));
    progress.status('unpacking the kernel');
    const system = await unpack(files.get(kernel), kernel, isKernelFile);
    progress.status('writing');
    const bundle = await makeKernelBundle({
      arch,
      files: system.files,
      source: { package: kernel.name, version: kernel.version, sha256: kernel.sha256 },
    });
    const [binary] = userland.files.values();
    if (binary === undefined)
      throw new MvmError('PACKAGE_INVALID', `The package ${busybox.name} has no busybox.`);
    const image = await assembleDefaultImage({
      arch,
      agent,
      kernel: bundle,
      busybox: binary,
      version,
      outDir,
    });
    return { image, packages: [userland.used, system.used] };
  });
}

/** The package index of the host's Debian mirror. Throws MIRROR_UNKNOWN, and as `openIndex` does. */
export async function debianIndex(
  options: Pick<FromDebianOptions, 'arch' | 'cacheDir' | 'env' | 'mirror' | 'emit' | 'signal'>,
): Promise<PackageIndex> {
  const { arch, cacheDir, env, emit, signal } = options;
  const mirror = await findMirror({
    env,
    ...(options.mirror === undefined ? {} : { configured: options.mirror }),
  });
  return phase(emit, 'index', 'Reading Debian’s package index', (progress) => {
    progress.status(hostOf(mirror.url));
    return openIndex({
      mirror,
      cacheDir,
      arch: debianArch[arch],
      emit,
      signal,
      onProgress: (bytes, total) => progress.progress(bytes, total),
      ...tellWaits(progress, mirror),
    });
  });
}

/** The package of Debian's cloud kernel for an architecture. Throws PACKAGE_NOT_FOUND. */
export function cloudKernel(index: PackageIndex, arch: Arch): PackageRecord {
  return kernelPackage(index, `linux-image-cloud-${debianArch[arch]}`);
}

/**
 * The kernel bundle that images of the library carry: that of the default image, with the drivers of their
 * root file system. Throws as `assembleFromDebian` does.
 */
export async function libraryKernel(
  arch: Arch,
  index: PackageIndex,
  record: PackageRecord,
  { emit, signal }: Pick<FromDebianOptions, 'emit' | 'signal'>,
): Promise<KernelBundle> {
  return phase(emit, 'kernel', 'Preparing the kernel for images', async (progress) => {
    const path = await load(index, record, progress, signal);
    const { files } = await unpack(path, record, isKernelFile);
    const source = { package: record.name, version: record.version, sha256: record.sha256 };
    return makeKernelBundle({ arch, files, source, modules: libraryModules });
  });
}

function required(index: PackageIndex, name: string): PackageRecord {
  const record = index.get(name);
  if (record !== undefined) return record;
  throw new MvmError('PACKAGE_NOT_FOUND', `Debian ${index.suite} (${index.arch}) has no package ${name}.`);
}

/** The metapackage depends on the package of the newest kernel. */
function kernelPackage(index: PackageIndex, metapackage: string): PackageRecord {
  for (const dependency of required(index, metapackage).depends) {
    const name = dependency.find((alternative) => alternative.name.startsWith('linux-image-'))?.name;
    if (name !== undefined) return required(index, name);
  }
  throw new MvmError('PACKAGE_NOT_FOUND', `The package ${metapackage} names no kernel package.`);
}

function load(
  index: PackageIndex,
  record: PackageRecord,
  progress: Phase,
  signal: AbortSignal,
): Promise<string> {
  return fetchPackage(index, record, {
    signal,
    onProgress: (bytes) => progress.progress(bytes, record.size),
    ...tellWaits(progress, index.mirror),
  });
}

async function unpack(
  path: string | undefined,
  record: PackageRecord,
  wanted: (path: string) => boolean,
): Promise<{ files: Map<string, Buffer>; used: UsedPackage }> {
  if (path === undefined) throw new Error(`${record.name} was not downloaded`);
  const copyrightPath = `usr/share/doc/${record.name}/copyright`;
  const entries = await extractFiles(path, (entry) => entry === copyrightPath || wanted(entry));
  const files = new Map<string, Buffer>();
  for (const [name, { type, data }] of entries) {
    if (type === 'file' && name !== copyrightPath) files.set(name, data);
  }
  return {
    files,
    used: {
      package: record.name,
      version: record.version,
      // A package lies in the pool in a folder named after its source package; that of a signed kernel only
      // signs what the source package linux builds.
      source: (dirname(record.filename).split('/').at(-1) ?? record.name).replace(
        /^linux-signed-\w+$/,
        'linux',
      ),
      copyright: entries.get(copyrightPath)?.data.toString('utf8') ?? '',
    },
  };
}
