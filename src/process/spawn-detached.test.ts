import { execFileSync } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAlive, type ProcessIdentity } from './identity.ts';
import { spawnDetached } from './spawn-detached.ts';
import { terminate } from './terminate.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mvm-spawn-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const options = () => ({ logPath: join(folder, 'log'), cwd: folder });

/** Holds the event loop open: waiting for a detached process does not. */
async function held<T>(promise: Promise<T>): Promise<T> {
  const timer = setInterval(() => {}, 1000);
  return promise.finally(() => clearInterval(timer));
}

describe('spawnDetached', () => {
  it('writes both outputs to the log, emptied first', async () => {
    await writeFile(join(folder, 'log'), 'old\n');
    const { exited } = await spawnDetached(['sh', '-c', 'echo out; echo err >&2; exit 4'], options());
    expect(await held(exited)).toEqual({ status: 4, signal: undefined });
    expect(await readFile(join(folder, 'log'), 'utf8')).toBe('out\nerr\n');
  });
  it('starts what needs no log', async () => {
    const { exited } = await spawnDetached(['sh', '-c', 'echo lost; exit 3'], {
      logPath: undefined,
      cwd: folder,
    });
    expect(await held(exited)).toEqual({ status: 3, signal: undefined });
  });
  it.runIf(process.platform === 'linux')('leads a session of its own, without stdin', async () => {
    const { identity } = await spawnDetached(['sleep', '60'], options());
    if (identity === undefined) throw new Error('sleep ended');
    try {
      const stat = await readFile(`/proc/${identity.pid}/stat`, 'utf8');
      const [, , , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      expect(Number(session)).toBe(identity.pid);
      expect(await isAlive(identity)).toBe(true);
    } finally {
      await terminate(identity, { graceMs: 0 });
    }
  });
  it.runIf(process.platform === 'linux').each([20, 300])(
    'keeps nothing of what its caller left open as %i',
    async (fd) => {
      const lock = join(folder, 'held');
      const program = `const { spawnDetached } = await import(${JSON.stringify(join(import.meta.dirname, 'spawn-detached.ts'))});
      const { identity } = await spawnDetached(['sleep', '60'], ${JSON.stringify(options())});
      console.log(JSON.stringify(identity));
      process.exit();`;
      const script = `exec ${fd}>"$0"; flock ${fd}; exec "$1" --input-type=module -e "$2"`;
      // Bash's, as dash knows descriptors of one digit only.
      const text = execFileSync('bash', ['-c', script, lock, process.execPath, program], {
        encoding: 'utf8',
      });
      const identity = JSON.parse(text) as ProcessIdentity;
      try {
        expect(await isAlive(identity)).toBe(true);
        execFileSync('flock', ['--nonblock', lock, 'true']);
        const open = readdirSync(`/proc/${identity.pid}/fd`).map((name) =>
          readlinkSync(`/proc/${identity.pid}/fd/${name}`),
        );
        expect(open.filter((path) => path.startsWith(folder))).toEqual(Array(2).fill(join(folder, 'log')));
      } finally {
        await terminate(identity, { graceMs: 0 });
      }
    },
  );
  it('says what is wrong with a program that does not start', async () => {
    const file = join(folder, 'plain');
    await writeFile(file, 'x');
    await chmod(file, 0o644);
    const missing = spawnDetached([join(folder, 'missing')], options());
    await expect(missing).rejects.toMatchObject({
      code: 'BACKEND_FAILED',
      message: /missing: no such program/,
    });
    await expect(spawnDetached([file], options())).rejects.toThrow(/not executable/);
    const nowhere = spawnDetached(['true'], { logPath: join(folder, 'log'), cwd: join(folder, 'gone') });
    await expect(nowhere).rejects.toThrow(/gone does not exist/);
  });
});
