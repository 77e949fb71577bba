import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Short: the sockets of the VMs that tests boot are below it, and a socket's path is limited to 107 bytes. */
const prefix = 'mvmt-';

/** How many of the projects of this run use the folder: the last to end looks what is left. */
const users = 'MVM_TEST_TMPDIR_USERS';

/**
 * Gives the run a folder of its own for temporary files, and fails it where its tests leave something there. What a run
 * that was killed left is removed by the next.
 */
export default function setup(): () => void {
  const before = Number(process.env[users] ?? 0);
  process.env[users] = String(before + 1);
  const dir = before === 0 ? make() : (process.env.TMPDIR ?? '');
  process.env.TMPDIR = dir;
  return () => {
    const left = Number(process.env[users]) - 1;
    process.env[users] = String(left);
    if (left > 0) return;
    const names = readdirSync(dir);
    rmSync(dir, { recursive: true, force: true });
    if (names.length === 0) return;
    process.stderr.write(
      `error: tests left ${names.length} in the folder for temporary files: ${names.join(' ')}\n`,
    );
    process.exitCode = 1;
  };
}

function make(): string {
  for (const name of readdirSync('/tmp')) {
    const pid = Number.parseInt(/^mvmt-([0-9a-z]+)$/.exec(name)?.[1] ?? '', 36);
    if (pid > 0 && !lives(pid)) rmSync(join('/tmp', name), { recursive: true, force: true });
  }
  const dir = join('/tmp', `${prefix}${process.pid.toString(36)}`);
  mkdirSync(dir, { mode: 0o700 });
  return dir;
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
