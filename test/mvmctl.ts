import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

export const entry = join(import.meta.dirname, '..', 'dist', 'mvmctl.cjs');

/** Images and downloads that the tests of one checkout share: each is made once, not once a test. */
export const testCache = join(import.meta.dirname, '..', 'build', 'test-cache');

export interface Result {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** Standard output as it came. */
  bytes: Buffer;
}

/** A process that a test talks to while it runs. */
export interface Running {
  pid: number;
  /** Resolves as soon as stdout or stderr contains the text; rejects where the process ends without it. */
  says(text: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  stdin: NonNullable<ChildProcess['stdin']>;
  stdout: NonNullable<ChildProcess['stdout']>;
  done: Promise<Result>;
}

/** A user's home of its own, with a project folder; `mvmctl` runs there as a process. */
export interface Home {
  dir: string;
  project: string;
  env: NodeJS.ProcessEnv;
  run(argv: readonly string[], options?: RunOptions): Promise<Result>;
  /** Like `run`, but the caller ends the input. */
  start(argv: readonly string[], options?: Omit<RunOptions, 'input'>): Running;
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
 * An empty HOME. With `sharedCache` the images and downloads of that folder are used, so that each test does
 * not assemble its own. With `ownName` the project, and so its VM, has a name that no other home's has.
 * `within` goes before the program: what runs it.
 */
export function makeHome(
  options: { sharedCache?: string; ownName?: boolean; within?: readonly string[] } = {},
): Home {
  const dir = mkdtempSync(join(tmpdir(), 'mvm-home-'));
  const project = join(dir, options.ownName === true ? basename(dir).toLowerCase() : 'project');
  mkdirSync(project);
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    HOME: dir,
    ...(process.env.TMPDIR === undefined ? {} : { TMPDIR: process.env.TMPDIR }),
    LANG: 'C.UTF-8',
    TERM: 'xterm-256color',
    // A machine that is booted in the background takes from what a test measures, and stays in its way. Tests of templates ask.
    MVM_TEMPLATES: 'off',
    ...(options.sharedCache === undefined ? {} : { MVM_CACHE_DIR: options.sharedCache }),
  };
  const start: Home['start'] = (argv, run = {}) =>
    startProcess([...(options.within ?? []), process.execPath, entry, ...argv], {
      cwd: project,
      ...run,
      env: { ...env, ...run.env },
    });
  return {
    dir,
    project,
    env,
    start,
    run(argv, run = {}) {
      const running = start(argv, run);
      running.stdin.end(run.input ?? '');
      return running.done;
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** Runs a process to its end, with its output apart. */
export function runProcess(argv: readonly string[], options: RunOptions): Promise<Result> {
  const running = startProcess(argv, options);
  running.stdin.end(options.input ?? '');
  return running.done;
}

/** Starts a process whose input stays open. */
export function startProcess(argv: readonly string[], options: RunOptions): Running {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { cwd: options.cwd, env: options.env, stdio: 'pipe' });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  const watchers = new Set<() => void>();
  const text = () => `${Buffer.concat(out)}${Buffer.concat(err)}`;
  const collect = (chunks: Buffer[]) => (chunk: Buffer) => {
    chunks.push(chunk);
    for (const watcher of watchers) watcher();
  };
  child.stdout.on('data', collect(out));
  child.stderr.on('data', collect(err));
  child.stdin.on('error', () => {}); // The process may end without reading.
  const done = new Promise<Result>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => {
      const bytes = Buffer.concat(out);
      resolve({
        status,
        signal,
        stdout: bytes.toString(),
        stderr: Buffer.concat(err).toString(),
        bytes,
      });
    });
  });
  if (child.pid !== undefined) options.onStart?.(child.pid);
  return {
    pid: child.pid ?? 0,
    stdin: child.stdin,
    stdout: child.stdout,
    done,
    kill: (signal) => void child.kill(signal),
    says: (wanted) =>
      new Promise((resolve, reject) => {
        const watcher = () => {
          if (!text().includes(wanted)) return;
          watchers.delete(watcher);
          resolve();
        };
        watchers.add(watcher);
        watcher();
        done.then(() => reject(new Error(`ended without '${wanted}': ${text()}`)), reject);
      }),
  };
}
