import type { Emit } from '../events/events.ts';
import type { Paths } from '../state/paths.ts';

/** What a command works with; made once, in main. */
export interface Context {
  env: NodeJS.ProcessEnv;
  cwd: string;
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  paths: Paths;
  emit: Emit;
  /** Aborted by the first Ctrl-C, TERM or HUP. */
  signal: AbortSignal;
  /** Ends the progress display (the terminal now belongs to the guest, or the result is printed). */
  endProgress: () => void;
  /** From now on signals, and a reader of the output that goes away, are the command's business: they end nothing. */
  takeSignals: () => void;
}

/** Writes a result to standard output and waits until it is on its way; main ends the command where it can't be written. */
export function print(context: Context, text: string): Promise<void> {
  context.endProgress();
  return new Promise((resolve) => {
    context.stdout.write(text.endsWith('\n') ? text : `${text}\n`, (error) => {
      if (error == null) resolve();
    });
  });
}

export function printJson(context: Context, value: unknown): Promise<void> {
  return print(context, JSON.stringify(value, null, 2));
}
