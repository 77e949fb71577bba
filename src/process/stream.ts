import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { MvmError, systemCode } from '../errors/mvm-error.ts';

export interface StreamOptions {
  cwd?: string;
  /** The whole environment of the program; mvmctl's own unless given. */
  env?: NodeJS.ProcessEnv;
  onStdout?: (chunk: Buffer) => void;
  onStderr?: (chunk: Buffer) => void;
  /** Ends the program: TERM, five seconds later KILL. */
  signal: AbortSignal;
}

/** Milliseconds between TERM and KILL. */
const patienceMs = 5000;

/**
 * Runs a program of any length without input and passes on what it writes; returns its exit status, 128+n where signal n
 * ended it. Throws SETUP_NEEDED when it can't be started, and the signal's reason once it has ended.
 */
export async function stream(argv: readonly string[], options: StreamOptions): Promise<number> {
  const [program = '', ...args] = argv;
  options.signal.throwIfAborted();
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: options.env ?? process.env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  child.stdout.on('data', (chunk: Buffer) => options.onStdout?.(chunk));
  child.stderr.on('data', (chunk: Buffer) => options.onStderr?.(chunk));
  let kill: NodeJS.Timeout | undefined;
  const abort = () => {
    child.kill('SIGTERM');
    kill = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  };
  options.signal.addEventListener('abort', abort, { once: true });
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', (cause) =>
        reject(
          new MvmError('SETUP_NEEDED', `Can't start ${program}: ${systemCode(cause) ?? cause.message}.`, {
            cause,
            hint: `command -v ${program}`,
          }),
        ),
      );
      child.once('close', (status, signal) =>
        options.signal.aborted
          ? reject(options.signal.reason)
          : resolve(status ?? 128 + (signal === null ? 0 : constants.signals[signal])),
      );
    });
  } finally {
    clearTimeout(kill);
    options.signal.removeEventListener('abort', abort);
  }
}
