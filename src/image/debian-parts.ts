import { dirname } from 'node:path';
import type { PackageIndex } from '../debian/packages.ts';
import type { PackageRecord } from '../debian/record.ts';
import { MvmError } from '../errors/mvm-error.ts';
import { type Emit, type Phase, phase } from '../events/events.ts';
import type { Arch } from './arch.ts';
import { findKernelPackage, findPackage, packageFiles } from './debian-package.ts';
import { isKernelFile, type KernelBundle, makeKernelBundle, writeKernelBundle } from './kernel-bundle.ts';
import type { PackageSource } from './kernel-json.ts';

export interface PartsOptions {
  arch: Arch;
  /** Of the Debian architecture that `arch` is. */
  index: PackageIndex;
  emit: Emit;
  signal?: AbortSignal;
}

/** A package that parts are from, for a NOTICE. */
export interface Origin extends PackageSource {
  /** Name of its Debian source package. */
  source: string;
  /** The text of its copyright file. */
  copyright: string;
}

const isCopyright = (path: string): boolean => /^usr\/share\/doc\/[^/]+\/copyright$/.test(path);

const sourceOf = ({ name, version, sha256 }: PackageRecord): PackageSource => ({
  package: name,
  version,
  sha256,
});

function originOf(record: PackageRecord, files: ReadonlyMap<string, Buffer>): Origin {
  const copyright = [...files].find(([path]) => isCopyright(path))?.[1].toString('utf8') ?? '';
  // A package lies in the pool in a folder named after its source package.
  const source = dirname(record.filename).split('/').at(-1) ?? record.name;
  return { ...sourceOf(record), source, copyright };
}

const download = (running: Phase, record: PackageRecord, signal: AbortSignal | undefined) => ({
  signal,
  onProgress: (bytes: number) => running.progress(bytes, record.size),
  onRetry: (reason: string) => running.status(`trying again: ${reason}`),
});

/** Debian's cloud kernel as a bundle. Throws PACKAGE_NOT_FOUND, KERNEL_INVALID and what downloads throw. */
export async function fetchKernel(
  options: PartsOptions & { modules?: readonly string[] },
): Promise<{ kernel: KernelBundle; origin: Origin }> {
  const { arch, index, emit, signal, modules } = options;
  const record = findKernelPackage(index);
  return phase(emit, 'kernel', `Kernel ${record.version} for ${arch}`, async (running) => {
    const wanted = (path: string) => isKernelFile(path) || isCopyright(path);
    const files = await packageFiles(index, record, wanted, download(running, record, signal));
    const parts = { arch, files, source: sourceOf(record), ...(modules === undefined ? {} : { modules }) };
    return { kernel: await makeKernelBundle(parts), origin: originOf(record, files) };
  });
}

/** Debian's static busybox. Throws PACKAGE_NOT_FOUND, PACKAGE_INVALID and what downloads throw. */
export async function fetchBusybox(options: PartsOptions): Promise<{ busybox: Buffer; origin: Origin }> {
  const { index, emit, signal } = options;
  const record = findPackage(index, 'busybox-static');
  return phase(emit, 'busybox', `busybox ${record.version}`, async (running) => {
    const isBusybox = (path: string) => /(^|\/)bin\/busybox$/.test(path);
    const wanted = (path: string) => isBusybox(path) || isCopyright(path);
    const files = await packageFiles(index, record, wanted, download(running, record, signal));
    const busybox = [...files].find(([path]) => isBusybox(path))?.[1];
    if (busybox !== undefined) return { busybox, origin: originOf(record, files) };
    throw new MvmError('PACKAGE_INVALID', `${record.name} ${record.version} holds no bin/busybox.`);
  });
}

/** Writes a kernel bundle, by default with the base modules, as the folder `outDir`. Throws as `fetchKernel`. */
export async function assembleKernelBundle(
  options: PartsOptions & { outDir: string; modules?: readonly string[] },
): Promise<KernelBundle> {
  const { kernel } = await fetchKernel(options);
  await writeKernelBundle(kernel, options.outDir);
  return kernel;
}
