import { MvmError } from '../errors/mvm-error.ts';

export interface RunOptions {
  cwd?: string;
  /** The whole environment of the program; mvmctl's own unless given. */
  env?: NodeJS.ProcessEnv;
  /** Ends the program: TERM, five seconds later KILL. */
  signal?: AbortSignal;
  /** Its standard input; empty unless given. */
  input?: string | Uint8Array;
  /** Limit of stdout and stderr each; a program that prints more is ended. */
  maxOutputBytes: number;
  timeoutMs?: number;
  /** Gets each line of stdout and stderr as it comes. */
  onLine?: (line: string) => void;
}

export interface RunResult {
  /** Exit status; undefined where a signal ended the program. */
  status: number | undefined;
  signal: string | undefined;
  stdout: string;
  stderr: string;
  /** Why we ended the program, where we did. */
  cut: 'timeout' | 'output' | undefined;
}

/**
 * Runs a short program to its end. A status other than 0 is a result, not an error. Throws SETUP_NEEDED when
 * the program can't be started, and `signal`'s reason when that was raised.
 */
export async function run(argv: readonly string[], options: RunOptions): Promise<RunResult> {
  // Loaded on use: most commands start no process, and execa costs 20 ms.
  const { execa } = await import('execa');
  const [program = '', ...args] = argv;
  const child = execa(program, args, {
    reject: false,
    extendEnv: false,
    stripFinalNewline: false,
    forceKillAfterDelay: 5000,
    maxBuffer: options.maxOutputBytes,
    env: options.env ?? process.env,
    encoding: 'utf8',
    all: options.onLine !== undefined,
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
  });
  if (options.onLine !== undefined) {
    const onLine = options.onLine;
    void (async () => {
      for await (const line of child.iterable({ from: 'all' })) onLine(line);
    })().catch(() => {}); // The stream's failure is the program's failure, which the result tells.
  }
  const result = await child;
  options.signal?.throwIfAborted();
  if (
    result.exitCode === undefined &&
    result.signal === undefined &&
    !result.timedOut &&
    !result.isMaxBuffer
  ) {
    throw new MvmError('SETUP_NEEDED', `Can't start ${program}: ${result.code ?? result.originalMessage}.`, {
      cause: result,
      hint: `command -v ${program}`,
    });
  }
  return {
    status: result.exitCode,
    signal: result.signal,
    stdout: result.stdout ?? '',
    stderr: result.stderr ?? '',
    cut: result.timedOut ? 'timeout' : result.isMaxBuffer ? 'output' : undefined,
  };
}
