import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashTree } from '../../../test/vm/hash-tree.ts';
import { digestOf } from '../digest.ts';
import { type CpioEntry, packCpio } from '../format/cpio.ts';
import { makeModule, makeX86Kernel } from '../format/elf.fixture.ts';
import { makeErofs, type TreeFile } from '../format/erofs/tree.fixture.ts';
import { type GoProgram, makeGoProgram } from '../format/go-binary/go-binary.fixture.ts';
import type { ImageJson } from '../image-json.ts';

const guest = 'mvm/guest/internal/';

export const sealedAgent: GoProgram = {
  machine: 62,
  functions: ['main.start', 'main.main', `${guest}boot.NewJournal`, `${guest}channel.(*Server).Serve`],
  path: 'mvm/guest/cmd/mvm-init',
  settings: { '-tags': 'sealed', GOARCH: 'amd64' },
};

export const accessibleAgent: GoProgram = {
  ...sealedAgent,
  functions: [...sealedAgent.functions, `${guest}exec.Open`, `${guest}console.(*Manager).Open`],
  settings: { GOARCH: 'amd64' },
};

export const guestConfig = {
  schema: 1,
  entrypoint: { kind: 'command', argv: ['/bin/serve'], user: 'app' },
  env: { PATH: '/bin' },
  accessible: false,
  sealed: true,
  services: { web: { command: ['web', '-x'], user: 'app' } },
};

export const rootFiles: Record<string, TreeFile> = {
  'etc/passwd': {
    content:
      'root:*:0:0:root:/root:/bin/sh\napp:*:900:900::/var/lib/app:/bin/false\nadmin:*:0:0::/:/bin/sh\n',
  },
  'bin/serve': { content: '#!/bin/sh\n', mode: 0o755 },
  'bin/web': { link: '/bin/serve' },
  'etc/pam.d/sshd': { content: 'not a program\n' },
  tmp: { mode: 0o1777 },
  // Enough for a hash tree of two levels.
  'lib/noise': { content: createHash('shake256', { outputLength: 600_000 }).update('noise').digest() },
};

export interface ImageParts {
  agent?: GoProgram;
  config?: object;
  files?: Record<string, TreeFile>;
  /** More archives behind the base archive. */
  archives?: readonly (readonly CpioEntry[])[];
  /** Instead of the whole initrd. */
  initrd?: (bytes: Buffer) => Buffer;
  /** Over image.json. */
  json?: Partial<ImageJson> | { [field: string]: unknown };
  verity?: boolean;
}

let rootfs: Buffer | undefined;

/** The files of a small image, sealed if nothing else is asked for. */
export function makeImageFiles(parts: ImageParts = {}): Record<string, Buffer> {
  rootfs ??= makeErofs(rootFiles, ['-zlz4', '-C16384']);
  const root = parts.files === undefined ? rootfs : makeErofs({ ...rootFiles, ...parts.files });
  const base = packCpio([
    { type: 'file', path: 'init', data: makeGoProgram(parts.agent ?? sealedAgent), mode: 0o755 },
    {
      type: 'file',
      path: 'mvm/image.json',
      data: Buffer.from(JSON.stringify({ ...guestConfig, ...parts.config })),
    },
    { type: 'char', path: 'dev/console', major: 5, minor: 1 },
    { type: 'char', path: 'dev/null', major: 1, minor: 3, mode: 0o666 },
    ...['proc', 'run', 'sys'].map((path) => ({ type: 'dir' as const, path })),
  ]);
  const modules = packCpio([
    { type: 'file', path: 'mvm/modules/00-virtio.ko', data: makeModule('') },
    { type: 'file', path: 'mvm/modules/verity/01-dm_verity.ko', data: makeModule('') },
  ]);
  const initrd = Buffer.concat([
    base,
    modules,
    ...(parts.archives ?? []).map((entries) => packCpio(entries)),
  ]);
  const tree = hashTree(root, Buffer.alloc(32, 7));
  const files: Record<string, Buffer> = {
    kernel: makeX86Kernel(),
    initrd: parts.initrd?.(initrd) ?? initrd,
    'rootfs.erofs': root,
    ...(parts.verity === false ? {} : { 'rootfs.verity': tree.file }),
  };
  const json = {
    schema: 1,
    name: 'small',
    system: 'x86_64-linux',
    entrypointKind: 'command',
    accessible: false,
    sealed: true,
    expectedBootMs: 300,
    vcpus: 1,
    memoryMib: 256,
    services: { web: {} },
    ports: [],
    kernelCommandLine: '',
    ...(parts.verity === false ? {} : { verity: tree.verity }),
    ...parts.json,
  };
  return withJson(files, json);
}

/** The files, and an image.json with their checksums. */
export function withJson(files: Record<string, Buffer>, json: object): Record<string, Buffer> {
  const digests = Object.fromEntries(
    Object.entries(files)
      .filter(([name]) => name !== 'image.json')
      .map(([name, bytes]) => [name, digestOf(bytes)]),
  );
  return { ...files, 'image.json': Buffer.from(JSON.stringify({ ...json, files: digests })) };
}

/** A folder with these files. */
export function imageFolder(files: Record<string, Buffer>): { dir: string; remove: () => void } {
  const dir = mkdtempSync(join(tmpdir(), 'mvm-image-'));
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(dir, name), bytes);
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
