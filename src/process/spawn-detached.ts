import { type ChildProcess, spawn } from 'node:child_process';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { writeError } from '../errors/file-error.ts';
import { MvmError, systemCode } from '../errors/mvm-error.ts';
import { identify, type ProcessIdentity } from './identity.ts';
import { inheritedDescriptors } from './inherited.ts';

export interface Exit {
  status: number | undefined;
  signal: string | undefined;
}

export interface Detached {
  /** Undefined where the process had ended before it could be looked at; then `exited` says how. */
  identity: ProcessIdentity | undefined;
  /** Resolves when it ends, as long as this mvmctl lives; does not keep mvmctl alive. */
  exited: Promise<Exit>;
}

async function startError(error: unknown, program: string, cwd: string): Promise<unknown> {
  const code = systemCode(error);
  // spawn says ENOENT for a missing folder too.
  const folder = await stat(cwd).catch(() => undefined);
  const why =
    folder === undefined
      ? `its folder ${cwd} does not exist`
      : code === 'ENOENT'
        ? 'no such program'
        : code === 'EACCES'
          ? 'it is not executable'
          : (code ?? String(error));
  return new MvmError('BACKEND_FAILED', `Can't start ${program}: ${why}.`, {
    cause: error,
    hint: `ls -l "$(command -v ${program})"`,
  });
}

/** Its process writes at the log's end, wherever that is by then: `boundLog` (state/old-logs.ts) may cut it. */
async function emptyLog(path: string): Promise<FileHandle> {
  let log: FileHandle | undefined;
  try {
    log = await open(path, 'a', 0o600);
    await log.truncate(0);
    return log;
  } catch (error) {
    await log?.close();
    throw writeError(error, path);
  }
}

/**
 * Starts a process that outlives mvmctl: a session of its own (so neither Ctrl-C nor the terminal's end
 * reaches it), no stdin, stdout and stderr to `logPath` (emptied first) or nowhere, and nothing of what mvmctl's own
 * caller left open: a lock held so would stay held. Throws BACKEND_FAILED when the program can't be started,
 * STATE_WRITE when the log can't be written.
 */
export async function spawnDetached(
  argv: readonly string[],
  options: { logPath: string | undefined; cwd: string; env?: NodeJS.ProcessEnv },
): Promise<Detached> {
  const [program = '', ...args] = argv;
  const { logPath } = options;
  const log = logPath === undefined ? undefined : await emptyLog(logPath);
  const nothing = await open('/dev/null', 'r+');
  try {
    const output = log?.fd ?? 'ignore';
    const stdio: ('ignore' | number)[] = ['ignore', output, output];
    for (const fd of inheritedDescriptors()) {
      while (stdio.length < fd) stdio.push('ignore');
      stdio[fd] = nothing.fd;
    }
    let child: ChildProcess;
    const exited = Promise.withResolvers<Exit>();
    try {
      child = spawn(program, args, {
        cwd: options.cwd,
        env: options.env ?? process.env,
        detached: true,
        stdio,
      });
      child.once('exit', (status, signal) =>
        exited.resolve({ status: status ?? undefined, signal: signal ?? undefined }),
      );
      await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    } catch (error) {
      throw await startError(error, program, options.cwd);
    }
    child.unref();
    return { identity: await identify(child.pid ?? 0), exited: exited.promise };
  } finally {
    await nothing.close();
    await log?.close();
  }
}
