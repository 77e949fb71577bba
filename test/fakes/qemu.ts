import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A program of our own on a PATH of its own: nothing of the host's is found there. */
export function fakeProgram(folder: string, name: string, script: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** A QEMU that answers the probe; `machine` is what it does instead of running a machine. */
export function fakeQemu(folder: string, machine: string, version = '7.2.0'): string {
  const name = `qemu-system-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}`;
  return fakeProgram(
    folder,
    name,
    `case "$*" in
  *--version*) echo "QEMU emulator version ${version}"; exit 0 ;;
  *"-uuid "*) ${machine} ;;
esac`,
  );
}
