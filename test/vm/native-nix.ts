import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inject } from 'vitest';
import type { TestProject } from 'vitest/node';
import { builderImage } from '../../src/builder/machine/image/image.ts';
import { readCpio } from '../../src/image/format/cpio-read.ts';
import { acquireLock } from '../../src/state/lock.ts';
import { findPaths } from '../../src/state/paths.ts';
import { ownArch } from '../../src/vm/state/record.ts';
import { testCache } from '../mvmctl.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder of the Nix that runs without a VM; none where this machine does not allow that. */
    nativeNix: string | undefined;
  }
}

/**
 * The builder's own root and Nix, run on this machine's cores instead of in an emulated VM, as `--builder host`
 * uses a Nix of the host: four times as fast, for tests of what flakes give. It needs root's right to mount; without that
 * these tests use the builder VM. The store is empty at first, and all test files share it.
 */
export default function setup(project: TestProject): () => Promise<void> {
  const allowed = spawnSync(
    'unshare',
    ['-m', 'sh', '-c', 'mount --make-rprivate / && mount --bind /tmp /mnt'],
    {
      stdio: 'ignore',
    },
  );
  const made = allowed.status === 0 && !existsSync('/nix');
  if (made) mkdirSync('/nix');
  const dir = allowed.status === 0 ? mkdtempSync(join(tmpdir(), 'nix-')) : undefined;
  project.provide('nativeNix', dir);
  return async () => {
    if (dir !== undefined) await rm(dir, { recursive: true, force: true });
    if (made && existsSync('/nix')) rmdirSync('/nix');
  };
}

export interface NativeNix {
  /** Goes before a program and its arguments, which then find the store at /nix. */
  within: readonly string[];
  /** For PATH: the folder of `nix`, `nix-build`, `nix-instantiate`. */
  bin: string;
}

/** Prepares it where no test file has yet. */
export async function nativeNix(): Promise<NativeNix | undefined> {
  const dir = inject('nativeNix');
  if (dir === undefined) return undefined;
  const { signal } = new AbortController();
  const lock = await acquireLock(join(dir, 'lock'), { what: 'Nix', waitMs: 600_000, signal });
  try {
    if (!existsSync(join(dir, 'bin'))) await prepare(dir, signal);
  } finally {
    await lock.release();
  }
  return { within: [join(dir, 'enter')], bin: join(dir, 'bin') };
}

async function prepare(dir: string, signal: AbortSignal): Promise<void> {
  const paths = findPaths({ MVM_STATE_DIR: join(dir, 'state'), MVM_CACHE_DIR: testCache });
  const image = await builderImage(ownArch(), { paths, env: process.env, emit() {}, signal });
  const root = join(dir, 'root');
  const folder = 0o040000;
  const link = 0o120000;
  for (const { path, mode, data } of readCpio(await readFile(image.initrd))) {
    if (!path.startsWith('rootfs')) continue;
    const at = join(root, path.slice('rootfs'.length));
    mkdirSync((mode & 0o170000) === folder ? at : dirname(at), { recursive: true });
    if ((mode & 0o170000) === link) symlinkSync(data.toString(), at);
    else if ((mode & 0o170000) !== folder) writeFileSync(at, data, { mode: mode & 0o777 });
  }
  mkdirSync(join(dir, 'store/var/mvm/build'), { recursive: true });
  const script = (name: string, text: string) =>
    writeFileSync(join(dir, name), `#!/bin/sh\n${text}`, { mode: 0o755 });
  script(
    'enter',
    `exec unshare -m sh -c '
mkdir -p /nix
mount --make-rprivate /
mount --bind "$0" /nix
exec "$@"' '${join(dir, 'store')}' "$@"
`,
  );
  const checkout = join(import.meta.dirname, '../..');
  // Not chroot: who is in one may not make the user namespaces that Nix builds in.
  mkdirSync(join(dir, 'bin'));
  script(
    'bin/nix',
    `exec unshare -m sh -ec '
root=$1 checkout=$2 here=$(pwd)
shift 2
mount --make-rprivate /
mount --bind "$root" "$root"
for folder in /dev /proc /sys /tmp "$checkout"; do
  mkdir -p "$root$folder"
  mount --rbind "$folder" "$root$folder"
done
mkdir -p /nix
mount --rbind /nix "$root/nix"
cat /etc/resolv.conf >"$root/etc/resolv.conf"
cat /etc/hosts >"$root/etc/hosts"
cd "$root"
pivot_root . .
umount -l .
cd "$here"
PATH=/usr/bin exec "$0" "$@"' "\${0##*/}" '${root}' '${checkout}' "$@"
`,
  );
  for (const name of ['nix-build', 'nix-instantiate']) symlinkSync('nix', join(dir, 'bin', name));
}
