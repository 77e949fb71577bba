import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { preparedKernel } from '../../src/builder/library/kernel.ts';
import { silent } from '../../src/events/events.ts';
import { debianIndex } from '../../src/image/default/from-debian.ts';
import { digestOf } from '../../src/image/digest.ts';
import { packCpio } from '../../src/image/format/cpio.ts';
import { readCpio } from '../../src/image/format/cpio-read.ts';
import { formatImageJson, type ImageJson } from '../../src/image/image-json.ts';
import { type Image, loadImage } from '../../src/image/load-image.ts';
import { writeFolder } from '../../src/image/write-folder.ts';
import { debianDir, findPaths, type Paths } from '../../src/state/paths.ts';
import { guestAgent } from '../../src/vm/images/agent.ts';
import { defaultImage } from '../../src/vm/images/default-image.ts';
import { testCache } from '../mvmctl.ts';
import { hashTree } from './hash-tree.ts';

export interface RootfsImageOptions {
  outDir: string;
  agent?: 'init' | 'init-sealed';
  verified: boolean;
  /** Over the guest's image.json. */
  guest?: object;
  /** More files of the root: content by path. */
  files?: Record<string, string>;
  /** More folders of the root, with their modes. */
  folders?: Record<string, number>;
  /** Over the host's image.json. */
  json?: Partial<ImageJson>;
}

const signal = new AbortController().signal;

function cachePaths(): Paths {
  return { ...findPaths(), cache: testCache };
}

/**
 * An image like those that flakes become, made on the host: the default image's root as an EROFS file, and the
 * library's kernel bundle.
 */
export async function makeRootfsImage(options: RootfsImageOptions): Promise<Image> {
  const paths = cachePaths();
  const common = { paths, env: process.env, emit: silent, signal };
  const base = await defaultImage('x86_64', common);
  const index = await debianIndex({
    arch: 'x86_64',
    cacheDir: debianDir(paths),
    env: process.env,
    mirror: undefined,
    emit: silent,
    signal,
  });
  const kernel = await preparedKernel('x86_64', index, common);
  const { path: agent } = await guestAgent('x86_64', options.agent ?? 'init', common);
  const rootfs = await erofs(base, options.files ?? {}, options.folders ?? {});
  const tree = hashTree(rootfs, Buffer.alloc(32, 0x6d));
  const guest = {
    schema: 1,
    entrypoint: { kind: 'shell', argv: ['/bin/sh', '-l'] },
    env: { PATH: '/usr/bin' },
    accessible: true,
    ...options.guest,
  };
  const initrd = Buffer.concat([
    packCpio([
      { type: 'file', path: 'init', data: await readFile(agent), mode: 0o755 },
      { type: 'file', path: 'mvm/image.json', data: Buffer.from(JSON.stringify(guest)) },
      { type: 'char', path: 'dev/console', major: 5, minor: 1 },
      { type: 'char', path: 'dev/null', major: 1, minor: 3, mode: 0o666 },
      ...['proc', 'run', 'sys'].map((path) => ({ type: 'dir' as const, path })),
    ]),
    await readFile(join(kernel, 'modules.cpio')),
  ]);
  const files: Record<string, Buffer> = {
    kernel: await readFile(join(kernel, 'kernel')),
    initrd,
    'rootfs.erofs': rootfs,
    ...(options.verified ? { 'rootfs.verity': tree.file } : {}),
  };
  const json = {
    ...base.spec,
    ...(options.verified ? { verity: tree.verity } : {}),
    ...options.json,
    files: Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, digestOf(bytes)])),
  } as ImageJson;
  await writeFolder(options.outDir, { ...files, 'image.json': Buffer.from(formatImageJson(json)) });
  return loadImage(options.outDir);
}

/** The default image's root and these files, uncompressed: where a file's bytes lie can be searched for. */
async function erofs(
  base: Image,
  files: Record<string, string>,
  folders: Record<string, number>,
): Promise<Buffer> {
  const dir = mkdtempSync(join(testCache, 'rootfs-'));
  try {
    const tree = join(dir, 'tree');
    mkdirSync(tree);
    for (const { path, mode, data } of readCpio(await readFile(base.initrd))) {
      if (!path.startsWith('rootfs/')) continue;
      const to = join(tree, path.slice('rootfs/'.length));
      mkdirSync(dirname(to), { recursive: true });
      if ((mode & 0o170000) === 0o040000) mkdirSync(to, { recursive: true });
      else if ((mode & 0o170000) === 0o120000) symlinkSync(String(data), to);
      else writeFileSync(to, data);
      if ((mode & 0o170000) !== 0o120000) chmodSync(to, mode & 0o7777);
    }
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(tree, path)), { recursive: true });
      writeFileSync(join(tree, path), content, { mode: 0o755 });
    }
    for (const [path, mode] of Object.entries(folders)) {
      mkdirSync(join(tree, path), { recursive: true });
      chmodSync(join(tree, path), mode);
    }
    const out = join(dir, 'rootfs.erofs');
    const made = spawnSync('mkfs.erofs', ['-T0', '--all-root', '-Enoinline_data', out, tree], {
      encoding: 'utf8',
    });
    if (made.status !== 0) throw new Error(`mkfs.erofs: ${made.error?.message ?? made.stderr}`);
    return await readFile(out);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
