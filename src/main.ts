import { commands } from './cli/commands.ts';
import type { Context } from './cli/context.ts';
import { debugLog } from './cli/debug-log.ts';
import { parse, run } from './cli/program.ts';
import { renderError } from './cli/render/error.ts';
import { chooseRenderer, wantsColor } from './cli/render/progress.ts';
import type { ErrorCode } from './errors/codes.ts';
import { MvmError, systemCode } from './errors/mvm-error.ts';
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
]);

function workingDirectory(): string {
  try {
    return process.cwd();
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    throw new MvmError('USAGE', 'The working directory does not exist any more.', {
      cause: error,
      hint: 'cd "$PWD" || cd',
    });
  }
}

async function main(argv: readonly string[]): Promise<number> {
  const { stdout, stderr, env } = process;
  const paths = findPaths(env);
  const renderer = chooseRenderer(stderr, env);
  const log = debugLog(argv);
  const abort = new AbortController();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  // The first signal lets the command clean up; who sends a second one has waited long enough.
  const onSignal = () => {
    if (abort.signal.aborted) process.exit(130);
    abort.abort(new MvmError('INTERRUPTED', 'Interrupted.'));
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
    stdout,
    stderr,
    paths,
    emit(event) {
      log.add(event);
      renderer.event(event);
    },
    signal: abort.signal,
    endProgress: () => renderer.end(),
    takeSignals() {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
  // A reader that goes away (`mvmctl ls | head -1`) is no error.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(141);
    throw error;
  });
  try {
    const parsed = parse(commands, argv, { version, columns: stdout.columns || 80 });
    if ('text' in parsed) {
      stdout.write(parsed.text);
      return 0;
    }
    return await run(parsed, context);
  } catch (error) {
    const shown = abort.signal.aborted && !(error instanceof MvmError) ? abort.signal.reason : error;
    renderer.end();
    const quiet = shown instanceof MvmError && selfExplaining.has(shown.code);
    const path = quiet ? undefined : log.write(debugLogDir(paths), shown);
    const { text, exitCode } = renderError(shown, {
      color: wantsColor(stderr, env),
      ...(path === undefined ? {} : { debugLog: path }),
    });
    stderr.write(text);
    return exitCode;
  } finally {
    renderer.end();
  }
}

// No top-level await: a bundle in CommonJS can't have it.
void main(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
  // Nothing waits to be written and nobody for us: taking everything down piece by piece costs milliseconds.
  if (process.stdout.writableLength === 0 && process.stderr.writableLength === 0) process.exit();
});
