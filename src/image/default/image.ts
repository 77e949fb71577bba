import { readFile } from 'node:fs/promises';
import { type Arch, systemOf } from '../arch.ts';
import { digestOf } from '../digest.ts';
import { type CpioEntry, packCpio } from '../format/cpio.ts';
import { formatImageJson, IMAGE_SCHEMA, type ImageJson } from '../image-json.ts';
import type { KernelBundle } from '../kernel/bundle.ts';
import { type Image, loadImage } from '../load-image.ts';
import { writeFolder } from '../write-folder.ts';
import { environment } from './root/etc.ts';
import { defaultRoot } from './root/root.ts';

export interface DefaultImageOptions {
  arch: Arch;
  /** The guest agent for `arch`: its bytes, or the path of its file. */
  agent: string | Buffer;
  kernel: KernelBundle;
  /** A static busybox for `arch`. */
  busybox: Buffer;
  /** mvm's version, for the guest's /etc/os-release. */
  version: string;
  /** Becomes the image; replaced where it exists. */
  outDir: string;
}

/** What the agent reads as /mvm/image.json. */
const guestConfig = {
  schema: 1,
  entrypoint: { kind: 'shell', argv: ['/bin/sh', '-l'] },
  env: environment,
  accessible: true,
};

/**
 * Writes the default image, a shell on static busybox, all or nothing. The same input gives the same bytes.
 * Throws STATE_WRITE; PACKAGE_INVALID where `busybox` is none.
 */
export async function assembleDefaultImage(options: DefaultImageOptions): Promise<Image> {
  const { arch, kernel, busybox, version, outDir } = options;
  const agent = typeof options.agent === 'string' ? await readFile(options.agent) : options.agent;
  const initrd = Buffer.concat([baseArchive(agent, defaultRoot(busybox, version)), kernel.modules]);
  const spec: ImageJson = {
    schema: IMAGE_SCHEMA,
    name: 'default',
    system: systemOf(arch),
    entrypointKind: 'shell',
    accessible: true,
    sealed: false,
    expectedBootMs: 300,
    vcpus: 2,
    memoryMib: 512,
    services: {},
    ports: [],
    kernelCommandLine: kernel.json.commandLine,
    files: { kernel: kernel.json.files.kernel, initrd: digestOf(initrd) },
  };
  await writeFolder(outDir, {
    kernel: kernel.kernel,
    initrd,
    'image.json': Buffer.from(formatImageJson(spec)),
  });
  return loadImage(outDir);
}

/** The base archive of an initrd whose image has no root file system of its own. */
function baseArchive(agent: Buffer, root: readonly CpioEntry[]): Buffer {
  return packCpio([
    { type: 'file', path: 'init', data: agent, mode: 0o755 },
    { type: 'dir', path: 'rootfs' },
    ...root.map((entry): CpioEntry => ({ ...entry, path: `rootfs/${entry.path}` })),
    { type: 'file', path: 'mvm/image.json', data: Buffer.from(`${JSON.stringify(guestConfig, null, 2)}\n`) },
    // The kernel opens this one for PID 1 before anything is mounted.
    { type: 'char', path: 'dev/console', major: 5, minor: 1 },
    { type: 'char', path: 'dev/null', major: 1, minor: 3, mode: 0o666 },
    { type: 'dir', path: 'proc' },
    { type: 'dir', path: 'sys' },
    { type: 'dir', path: 'run' },
  ]);
}
