import { constants } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MvmError } from '../../../errors/mvm-error.ts';
import { type Emit, phase } from '../../../events/events.ts';
import { run } from '../../../process/run.ts';
import type { Arch } from '../../backend.ts';

export type Manager = 'apt-get' | 'dnf' | 'pacman' | 'zypper' | 'apk' | 'brew';

export interface InstallHint {
  manager: Manager | undefined;
  /** The one command to type. */
  command: string;
  /** Whether mvmctl may run it itself: root on a Debian-like host. */
  automatic: boolean;
}

/** QEMU's system emulators, by package manager. */
const packages: Record<Manager, Record<Arch, string>> = {
  'apt-get': { x86_64: 'qemu-system-x86', aarch64: 'qemu-system-arm' },
  dnf: { x86_64: 'qemu-system-x86-core', aarch64: 'qemu-system-aarch64-core' },
  pacman: { x86_64: 'qemu-system-x86', aarch64: 'qemu-system-aarch64' },
  zypper: { x86_64: 'qemu-x86', aarch64: 'qemu-arm' },
  apk: { x86_64: 'qemu-system-x86_64', aarch64: 'qemu-system-aarch64' },
  brew: { x86_64: 'qemu', aarch64: 'qemu' },
};

/** The arguments that install QEMU with this manager. */
export function installArguments(manager: Manager, arch: Arch): string[] {
  const name = packages[manager][arch];
  switch (manager) {
    case 'apt-get':
      // The recommended packages are displays and firmware that no VM of ours uses.
      return ['apt-get', 'install', '-y', '--no-install-recommends', name];
    case 'dnf':
      return ['dnf', 'install', '-y', name];
    case 'pacman':
      return ['pacman', '-S', '--noconfirm', name];
    case 'zypper':
      return ['zypper', 'install', '-y', name];
    case 'apk':
      return ['apk', 'add', name];
    case 'brew':
      return ['brew', 'install', name];
  }
}

async function onPath(program: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  for (const folder of (env.PATH ?? '').split(':')) {
    const found = await access(join(folder, program), constants.X_OK).then(
      () => folder !== '',
      () => false,
    );
    if (found) return true;
  }
  return false;
}

/** apt has no package lists: a fresh container or machine; an install must be preceded by an update. */
export async function aptListsEmpty(folder = '/var/lib/apt/lists'): Promise<boolean> {
  const names = await readdir(folder).catch(() => []);
  return !names.some((name) => name.includes('_Packages') || name.includes('InRelease'));
}

/** How to install QEMU on this host. */
export async function installHint(
  arch: Arch,
  env: NodeJS.ProcessEnv = process.env,
  uid: number = process.getuid?.() ?? -1,
): Promise<InstallHint> {
  for (const manager of Object.keys(packages) as Manager[]) {
    if (!(await onPath(manager, env))) continue;
    const root = uid === 0 || manager === 'brew';
    const command = [...(root ? [] : ['sudo']), ...installArguments(manager, arch)].join(' ');
    return { manager, command, automatic: manager === 'apt-get' && uid === 0 };
  }
  return {
    manager: undefined,
    command: `Install QEMU (qemu-system-${arch}) and put it on PATH`,
    automatic: false,
  };
}

const maxOutputBytes = 16 * 1024 * 1024;

/**
 * Installs QEMU with apt, where mvmctl may (`installHint().automatic`). Throws SETUP_NEEDED with the command
 * to type where it may not, or where apt fails (with its last lines).
 */
export async function installQemu(arch: Arch, emit: Emit, signal?: AbortSignal): Promise<void> {
  const hint = await installHint(arch);
  if (!hint.automatic) {
    throw new MvmError('SETUP_NEEDED', `QEMU for ${arch} is not installed.`, { hint: hint.command });
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' };
  await phase(emit, 'qemu-install', `Installing QEMU for ${arch} (apt)`, async (live) => {
    const apt = async (argv: string[]): Promise<void> => {
      const result = await run(argv, {
        env,
        maxOutputBytes,
        onLine: (line) => {
          if (line.trim() !== '') live.status(line.trim());
        },
        ...(signal === undefined ? {} : { signal }),
      });
      if (result.status === 0) return;
      const lines = `${result.stdout}\n${result.stderr}`.trim().split('\n');
      throw new MvmError('SETUP_NEEDED', `Installing QEMU failed: ${argv.join(' ')}.`, {
        details: lines.slice(-10),
        hint: argv[1] === 'install' ? `apt-get update && ${hint.command}` : argv.join(' '),
      });
    };
    if (await aptListsEmpty()) await apt(['apt-get', 'update']);
    await apt(installArguments('apt-get', arch));
  });
}
