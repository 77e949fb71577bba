import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** How many of the projects of this run use the folder: the last to end looks what is left. */
const users = 'MVM_TEST_TMPDIR_USERS';

/** Vitest's set-up: gives a run a folder of its own for temporary files, and fails it where something is left there. */
export default function setup(): () => void {
  const before = Number(process.env[users] ?? 0);
  process.env[users] = String(before + 1);
  const own = before === 0 ? ownTmpdir() : undefined;
  if (own !== undefined) process.env.TMPDIR = own.dir;
  return () => {
    process.env[users] = String(Number(process.env[users]) - 1);
    if (process.env[users] !== '0') return;
    const left = ownTmpdir().remove();
    if (left === undefined) return;
    process.stderr.write(`${left}\n`);
    process.exitCode = 1;
  };
}

export interface OwnTmpdir {
  dir: string;
  /** Removes it; returns what was left there, as an error message. */
  remove(): string | undefined;
}

/**
 * The folder for temporary files of this process. Its path is short: sockets of the VMs that tests boot are below it, and
 * a socket's path is limited to 107 bytes. Those of processes that were killed are removed.
 */
export function ownTmpdir(): OwnTmpdir {
  const dir = join('/tmp', `mvmt-${process.pid.toString(36)}`);
  for (const name of readdirSync('/tmp')) {
    const pid = Number.parseInt(/^mvmt-([0-9a-z]+)$/.exec(name)?.[1] ?? '', 36);
    if (pid > 0 && !lives(pid)) clear(join('/tmp', name));
  }
  // Like /tmp, open to other users: some tests run as one.
  mkdirSync(dir, { mode: 0o755, recursive: true });
  return {
    dir,
    remove() {
      // Sockets of VMs whose own folder's path is too long are in one for all; tests end such VMs with a kill.
      const names = readdirSync(dir).filter((name) => name !== `mvm-${process.getuid?.()}`);
      rmSync(dir, { recursive: true, force: true });
      if (names.length === 0) return undefined;
      return `error: the tests left ${names.length} in the folder for temporary files: ${names.join(' ')}`;
    },
  };
}

/** Small disks of tests may still be mounted there. What can't go (another user's) keeps no run from its start. */
function clear(dir: string): void {
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${dir}/`));
  for (const path of mounts.reverse()) spawnSync('umount', ['-l', path]);
  try {
    rmSync(dir, { recursive: true, force: true });
  } catch (error) {
    process.stderr.write(`note: ${dir} of an earlier run stays: ${String(error)}\n`);
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
