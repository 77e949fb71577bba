import { commands } from './cli/commands.ts';
import { type Context, print } from './cli/context.ts';
import { debugLog } from './cli/program/debug-log.ts';
import { parse, run } from './cli/program/program.ts';
import { renderError } from './cli/render/error.ts';
import { chooseRenderer, type Renderer, wantsColor } from './cli/render/progress.ts';
import type { ErrorCode } from './errors/codes.ts';
import { fileError } from './errors/file-error.ts';
import { interruptedBy } from './errors/interrupted.ts';
import { MvmError, systemCode } from './errors/mvm-error.ts';
import { checkFoldersAbove, checkOwnFolders } from './state/own-folders.ts';
import { debugLogDir, findPaths } from './state/paths.ts';
import { version } from './version.ts';

/** Errors that are about what was asked for, not about what happened: a debug log would add nothing. */
const selfExplaining: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'USAGE',
  'VM_NOT_FOUND',
  'VM_NOT_RUNNING',
  'VM_RUNNING',
  'CONFIG_INVALID',
  'RESOURCES',
  'EXEC_NOT_FOUND',
  'EXEC_NOT_EXECUTABLE',
  'NOT_A_TERMINAL',
  'INTERRUPTED',
  'VERIFY_FAILED',
  'NOT_SEALED',
  'SERVICE_NOT_FOUND',
  'SEALED',
  'SERVICE_FAILED',
  'STATE_UNSAFE',
  'FILE_EXISTS',
]);

/** Commands that do not need mvmctl's folders to be in order. */
const anyFolders: ReadonlySet<string> = new Set(['doctor', 'complete', 'completion']);

/** Commands that may be the first to make them. */
const makesFolders: ReadonlySet<string> = new Set(['dev up', 'up', 'build', 'setup']);

function workingDirectory(): string {
  try {
    return process.cwd();
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    throw new MvmError('USAGE', 'The working directory no longer exists.', {
      cause: error,
      hint: 'cd "$PWD" || cd',
    });
  }
}

/** The command deals with signals and with readers that go away. */
let handsOff = false;

/** The standard streams that were used. Made on use: the first costs a tenth of a short command's time. */
const used = new Set<NodeJS.WriteStream>();

function output(): NodeJS.WriteStream {
  const { stdout } = process;
  // A reader that goes away (`mvmctl ls | head -1`) is not an error.
  if (!used.has(stdout)) {
    stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (handsOff) return;
      if (error.code === 'EPIPE') process.exit(141);
      // Nothing waits for writes to finish, so the command would continue as if they had succeeded.
      const text = `error: Can't write to standard output: ${error.code ?? error.message}.\n`;
      errorOutput().write(text, () => process.exit(1));
    });
  }
  used.add(stdout);
  return stdout;
}

function errorOutput(): NodeJS.WriteStream {
  // A terminal that was closed, a reader that went away: there is nobody left to be told.
  if (!used.has(process.stderr)) process.stderr.on('error', () => {});
  used.add(process.stderr);
  return process.stderr;
}

let done: string | undefined;

/** The command that ran to its end, `help` where only text was asked for; undefined before, and after an error. */
export function completed(): string | undefined {
  return done;
}

async function main(argv: readonly string[]): Promise<number> {
  const { env } = process;
  const paths = findPaths(env);
  let shown: Renderer | undefined;
  const log = debugLog(argv);
  const abort = new AbortController();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'] as const;
  // The first signal lets the command clean up; a second one means that the user has waited long enough.
  const onSignal = (signal: NodeJS.Signals) => {
    const reason = interruptedBy(signal);
    if (abort.signal.aborted) process.exit(reason.exitCode);
    abort.abort(reason);
  };
  for (const signal of signals) process.on(signal, onSignal);
  const context: Context = {
    env,
    get cwd() {
      return workingDirectory();
    },
    // Made on use: most commands read no input.
    get stdin() {
      return process.stdin;
    },
    get stdout() {
      return output();
    },
    get stderr() {
      return errorOutput();
    },
    paths,
    emit(event) {
      log.add(event);
      shown ??= chooseRenderer(errorOutput(), env);
      shown.event(event);
    },
    signal: abort.signal,
    endProgress: () => shown?.end(),
    takeSignals() {
      handsOff = true;
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
  try {
    if (argv.some((argument) => argument.includes('\ufffd')))
      (await import('./cli/program/check-bytes.ts')).checkArgumentBytes(argv.length);
    const parsed = parse(commands, argv, { version, columns: () => output().columns || 80 });
    if ('text' in parsed) {
      await print(context, parsed.text);
      done = 'help';
      return 0;
    }
    // Doctor reports them with the rest; completion can't report anything.
    const { name } = parsed.definition;
    if (!anyFolders.has(name)) checkOwnFolders(paths);
    if (makesFolders.has(name)) checkFoldersAbove(paths);
    const status = await run(parsed, context);
    done = parsed.definition.name;
    return status;
  } catch (error) {
    const failure =
      abort.signal.aborted && !(error instanceof MvmError) ? abort.signal.reason : fileError(error);
    shown?.end();
    const quiet = failure instanceof MvmError && selfExplaining.has(failure.code);
    const path = quiet ? undefined : log.write(debugLogDir(paths), failure);
    const { text, exitCode } = renderError(failure, {
      color: wantsColor(errorOutput(), env),
      ...(path === undefined ? {} : { debugLog: path }),
    });
    errorOutput().write(text);
    return exitCode;
  } finally {
    shown?.end();
  }
}

// No top-level await: a bundle in CommonJS can't have it.
void main(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
  // Nothing is left to write, so exit at once: an orderly shutdown would cost milliseconds.
  if ([...used].every((stream) => stream.writableLength === 0)) process.exit();
});
