import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const entry = join(import.meta.dirname, '..', 'dist', 'mvmctl.js');

export interface Result {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** A user's home of its own, with a project folder; `mvmctl` runs there as a process. */
export interface Home {
  dir: string;
  project: string;
  env: NodeJS.ProcessEnv;
  run(argv: readonly string[], options?: RunOptions): Promise<Result>;
  remove(): void;
}

export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  input?: string | Buffer;
  /** Called with the child as soon as it runs. */
  onStart?: (pid: number) => void;
}

/**
 * An empty HOME. With `sharedCache` the images and downloads of the user who runs the tests are used, so that
 * each test does not assemble its own.
 */
export function makeHome(options: { sharedCache?: string } = {}): Home {
  const dir = mkdtempSync(join(tmpdir(), 'mvm-home-'));
  const project = join(dir, 'project');
  mkdirSync(project);
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    HOME: dir,
    LANG: 'C.UTF-8',
    TERM: 'xterm-256color',
    ...(options.sharedCache === undefined ? {} : { MVM_CACHE_DIR: options.sharedCache }),
  };
  return {
    dir,
    project,
    env,
    run: (argv, run = {}) =>
      runProcess([process.execPath, entry, ...argv], { cwd: project, ...run, env: { ...env, ...run.env } }),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** Runs a process to its end, with its output apart. */
export function runProcess(argv: readonly string[], options: RunOptions): Promise<Result> {
  const [program = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: options.cwd, env: options.env, stdio: 'pipe' });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.stdin.on('error', () => {}); // The process may end without reading.
    child.stdin.end(options.input ?? '');
    child.on('error', reject);
    child.on('close', (status, signal) =>
      resolve({
        status,
        signal,
        stdout: Buffer.concat(out).toString(),
        stderr: Buffer.concat(err).toString(),
      }),
    );
    if (child.pid !== undefined) options.onStart?.(child.pid);
  });
}
