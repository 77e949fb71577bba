import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { run } from '../../../process/run.ts';
import type { Arch } from '../../backend.ts';
import { sandboxOption } from '../plan/plan.ts';

/** The first version with all that `plan` uses; Ubuntu 22.04's. */
export const minVersion = [6, 2] as const;

export const overrideVariable: Record<Arch, string> = {
  x86_64: 'MVM_QEMU_X86_64',
  aarch64: 'MVM_QEMU_AARCH64',
};

export function programName(arch: Arch): string {
  return `qemu-system-${arch}`;
}

async function executable(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile()) return false;
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** QEMU's path: the override of the environment, else the first on PATH. */
export async function findBinary(arch: Arch, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const override = env[overrideVariable[arch]];
  if (override) return (await executable(override)) ? override : undefined;
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    const path = join(folder, programName(arch));
    if (folder !== '' && (await executable(path))) return path;
  }
  return undefined;
}

/** `7.2.22` from "QEMU emulator version 7.2.22 (Debian …)". */
export function parseVersion(text: string): string | undefined {
  return /^QEMU emulator version (\d+\.\d+(?:\.\d+)?)/m.exec(text)?.[1];
}

export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > minVersion[0] || (major === minVersion[0] && minor >= minVersion[1]);
}

/** Undefined where the program does not answer `--version` as QEMU does. */
export async function readVersion(binary: string): Promise<string | undefined> {
  const result = await run([binary, '--version'], { maxOutputBytes: 65_536, timeoutMs: 10_000 });
  return parseVersion(result.stdout);
}

/** Whether this QEMU was built with seccomp: it starts an empty machine in the sandbox and quits again. */
export async function hasSandbox(binary: string): Promise<boolean> {
  const argv = [binary, '-M', 'none', '-nodefaults', '-display', 'none', '-sandbox', sandboxOption];
  const result = await run([...argv, '-qmp', 'stdio'], {
    input: '{"execute":"qmp_capabilities"}\n{"execute":"quit"}\n',
    maxOutputBytes: 65_536,
    timeoutMs: 10_000,
  });
  return result.status === 0;
}
