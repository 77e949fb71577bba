import { readFile } from 'node:fs/promises';
import { tellWaits } from '../../../debian/download/tell-waits.ts';
import { openIndex, type PackageIndex } from '../../../debian/index/packages.ts';
import type { PackageRecord } from '../../../debian/index/record.ts';
import type { Mirror } from '../../../debian/mirror/mirror.ts';
import { fetchPackage } from '../../../debian/package/file.ts';
import { type Emit, phase } from '../../../events/events.ts';
import { type Arch, debianArch, systemOf } from '../../../image/arch.ts';
import { digestOf } from '../../../image/digest.ts';
import { type CpioEntry, packCpio } from '../../../image/format/cpio.ts';
import { readCpio } from '../../../image/format/cpio-read.ts';
import { formatImageJson, IMAGE_SCHEMA, type ImageJson } from '../../../image/image-json.ts';
import { type Image, loadImage } from '../../../image/load-image.ts';
import { writeFolder } from '../../../image/write-folder.ts';
import { environment } from './etc.ts';
import { builderPackages } from './packages.ts';
import { builderRoot } from './root.ts';

export interface AssembleOptions {
  arch: Arch;
  /** Gives the kernel, its modules and the agent. */
  base: Image;
  mirror: Mirror;
  /** Downloads are kept here. */
  cacheDir: string;
  version: string;
  /** Becomes the image; replaced where it exists. */
  outDir: string;
  emit: Emit;
  signal: AbortSignal;
}

/** Downloads at the same time: most of the packages are small, so that latency is most of the time. */
const parallel = 4;

/** What the agent reads as /mvm/image.json. */
const guestConfig = {
  schema: 1,
  entrypoint: { kind: 'shell', argv: ['/bin/sh', '-l'] },
  env: environment,
  accessible: true,
};

/**
 * Makes the builder's image from Debian packages, with `packages.json` naming their versions.
 * @throws MvmError MIRROR_UNREACHABLE, SIGNATURE_INVALID, CHECKSUM_MISMATCH, PACKAGE_NOT_FOUND, STATE_WRITE, …
 */
export async function assembleBuilder(options: AssembleOptions): Promise<Image> {
  const { arch, base, mirror, cacheDir, version, outDir, emit, signal } = options;
  const index = await phase(emit, 'index', 'Reading Debian’s package index', (progress) =>
    openIndex({
      mirror,
      cacheDir,
      arch: debianArch[arch],
      emit,
      signal,
      onProgress: (bytes, total) => progress.progress(bytes, total),
      ...tellWaits(progress, mirror),
    }),
  );
  const records = builderPackages(index);
  const files = await fetchAll(index, records, emit, signal);
  return phase(emit, 'image', 'Assembling the builder', async (progress) => {
    const root = await builderRoot(files, version, (done) => {
      signal.throwIfAborted();
      progress.progress(done, files.length, 'items');
    });
    progress.status('writing');
    const initrd = initrdOf(await readFile(base.initrd), root);
    const kernel = await readFile(base.kernel);
    const spec: ImageJson = {
      schema: IMAGE_SCHEMA,
      name: 'builder',
      system: systemOf(arch),
      entrypointKind: 'shell',
      accessible: true,
      sealed: false,
      expectedBootMs: 2000,
      vcpus: 2,
      memoryMib: 3072,
      services: {},
      ports: [],
      kernelCommandLine: base.spec.kernelCommandLine,
      files: { kernel: digestOf(kernel), initrd: digestOf(initrd) },
    };
    const packages = records.map(({ name, version: v, sha256 }) => ({ package: name, version: v, sha256 }));
    await writeFolder(outDir, {
      kernel,
      initrd,
      'packages.json': Buffer.from(`${JSON.stringify(packages, null, 2)}\n`),
      'image.json': Buffer.from(formatImageJson(spec)),
    });
    return loadImage(outDir);
  });
}

async function fetchAll(
  index: PackageIndex,
  records: readonly PackageRecord[],
  emit: Emit,
  signal: AbortSignal,
): Promise<string[]> {
  const total = records.reduce((sum, { size }) => sum + size, 0);
  const files: string[] = [];
  return phase(
    emit,
    'packages',
    `Downloading ${records.length} packages for the builder`,
    async (progress) => {
      const loaded = new Map<PackageRecord, number>();
      const report = (record: PackageRecord, bytes: number) => {
        loaded.set(record, bytes);
        progress.progress(
          [...loaded.values()].reduce((sum, n) => sum + n, 0),
          total,
        );
      };
      // One failure ends the others.
      const failed = new AbortController();
      const options = { signal: AbortSignal.any([signal, failed.signal]) };
      const queue = records.entries();
      const worker = async () => {
        for (const [at, record] of queue) {
          files[at] = await fetchPackage(index, record, {
            ...options,
            onProgress: (bytes) => report(record, bytes),
            ...tellWaits(progress, index.mirror),
          });
          report(record, record.size);
        }
      };
      try {
        await Promise.all(Array.from({ length: parallel }, worker));
      } catch (error) {
        failed.abort(error);
        throw error;
      }
      return files;
    },
  );
}

/** Agent, modules and device nodes of another image's initrd, with a root of our own. */
export function initrdOf(base: Buffer, root: readonly CpioEntry[]): Buffer {
  const items = readCpio(base);
  const agent = items.find(({ path }) => path === 'init');
  if (agent === undefined) throw new Error('the base image has no agent');
  const modules = items
    .filter(({ path }) => path.startsWith('mvm/modules/'))
    .map(({ path, data }): CpioEntry => ({ type: 'file', path, data }));
  return packCpio([
    { type: 'file', path: 'init', data: agent.data, mode: 0o755 },
    ...modules,
    { type: 'dir', path: 'rootfs' },
    ...root.map((entry): CpioEntry => ({ ...entry, path: `rootfs/${entry.path}` })),
    { type: 'file', path: 'mvm/image.json', data: Buffer.from(`${JSON.stringify(guestConfig, null, 2)}\n`) },
    { type: 'char', path: 'dev/console', major: 5, minor: 1 },
    { type: 'char', path: 'dev/null', major: 1, minor: 3, mode: 0o666 },
    { type: 'dir', path: 'proc' },
    { type: 'dir', path: 'sys' },
    { type: 'dir', path: 'run' },
  ]);
}
