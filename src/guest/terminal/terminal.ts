import type { EventEmitter } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { interruptedBy } from '../../errors/interrupted.ts';
import { MvmError } from '../../errors/mvm-error.ts';
import type { isInForeground, passOutput } from '../../process/terminal-mode.ts';
import { createModes } from './modes.ts';
import { createRemarks } from './remarks.ts';

/** What is used of a `tty.ReadStream`. */
export type TerminalInput = Readable & {
  isTTY?: boolean;
  fd?: number;
  isRaw?: boolean;
  setRawMode?(raw: boolean): unknown;
};
/** What is used of a `tty.WriteStream`; it emits `resize`. */
export type TerminalOutput = Writable & { rows?: number; columns?: number };

/** Where signals come from: `process`, or a stand-in. */
export type SignalSource = Pick<EventEmitter, 'on' | 'off'>;

export interface TerminalOptions {
  stdin: TerminalInput;
  stdout: TerminalOutput;
  /** The modes of a real terminal; a stand-in has none. */
  modes?: { passOutput: typeof passOutput; isInForeground: typeof isInForeground };
  /** It may be read from now; called again after each stop. */
  onForeground?(): void;
  /** It may not: it is the terminal of what runs in its foreground. */
  onBackground?(): void;
  /** Where signals come from; by default `process`. */
  signals?: SignalSource;
  onResize(rows: number, cols: number): void;
  /** The terminal was closed, or someone asks this process to end (INTERRUPTED, with the signal's name). */
  onEnd(error: MvmError): void;
}

/** The user's terminal while a guest has it: raw, its size followed, restored at the end. */
export interface LocalTerminal {
  size(): { rows: number; cols: number };
  /** To be called with everything that is written to the terminal. */
  watch(bytes: Buffer): void;
  /** Shows a line above the one that the guest writes on, as soon as no program draws on the whole screen. */
  say(text: string): void;
  /** What ends all that the session turned on so far; '' where nothing is on. */
  undo(): string;
  /** Idempotent. */
  restore(): void;
}

/** How often a process in the background looks whether it still is, in milliseconds. */
const lookMs = 300;

/** What a shell gives to a process that SIGHUP ended. */
export const hangUp = 129;

const endings = ['SIGTERM', 'SIGHUP', 'SIGINT'] as const;

/**
 * Puts the terminal into raw mode until `restore`, which also ends what the session turned on (alternate
 * screen, mouse, bracketed paste, hidden cursor, colours, …) and nothing else. Restores by itself when the
 * process exits or crashes. After a `kill -9` of mvmctl nothing can: `reset` helps.
 *
 * In the background the terminal belongs to another process: it is left alone until the process is in its foreground.
 */
export async function openTerminal(options: TerminalOptions): Promise<LocalTerminal> {
  const { stdin, stdout, signals = process, onResize, onEnd } = options;
  // Loaded on use: it starts a program, which takes Node long to load, and an exec without a terminal needs none.
  const { passOutput, isInForeground } = options.modes ?? (await import('../../process/terminal-mode.ts'));
  const modes = createModes();
  const remarks = createRemarks(stdout, () => modes.isDrawing);
  const wasRaw = stdin.isRaw === true;
  let lastByte: number | undefined;
  let restored = false;
  let isTaken = false;
  let isWaiting: NodeJS.Timeout | undefined;

  const size = (): { rows: number; cols: number } => ({
    rows: stdout.rows || 24,
    cols: stdout.columns || 80,
  });
  const resized = (): void => onResize(size().rows, size().cols);
  const take = (): void => {
    stdin.setRawMode?.(true);
    if (stdin.fd !== undefined) passOutput(stdin.fd);
    isTaken = true;
    options.onForeground?.();
  };
  /** There is no event for a shell bringing a running job into the foreground. */
  const awaitForeground = (): void => {
    isWaiting ??= setInterval(() => isInForeground() && resumed(), lookMs);
    options.onBackground?.();
  };
  const resumed = (): void => {
    if (!isInForeground()) {
      awaitForeground();
      return;
    }
    clearInterval(isWaiting);
    isWaiting = undefined;
    // The shell that stopped us has set the terminal to its liking; libuv sets it again only on a change.
    if (isTaken) stdin.setRawMode?.(false);
    take();
    resized();
  };
  const handlers = endings.map((name) => {
    const handler = (): void => onEnd(interruptedBy(name));
    signals.on(name, handler);
    return { name, handler };
  });
  const hungUp = (): void => onEnd(new MvmError('INTERRUPTED', 'The terminal was closed.', { exit: hangUp }));
  stdout.on('resize', resized);
  stdout.on('error', hungUp);
  stdin.on('error', hungUp);
  stdin.on('end', hungUp);
  signals.on('SIGCONT', resumed);
  process.on('exit', restore);
  // Runs before the crash is printed, so that the report is not lost with the alternate screen.
  process.on('uncaughtExceptionMonitor', restore);
  if (isInForeground()) take();
  else awaitForeground();

  function restore(): void {
    if (restored) return;
    restored = true;
    remarks.end();
    clearInterval(isWaiting);
    for (const { name, handler } of handlers) signals.off(name, handler);
    signals.off('SIGCONT', resumed);
    process.off('exit', restore);
    process.off('uncaughtExceptionMonitor', restore);
    stdout.off('resize', resized);
    stdin.off('end', hungUp);
    // The error listeners stay: a terminal that was closed refuses the last bytes, and nobody is left to
    // whom that would matter.
    const midLine = lastByte !== undefined && lastByte !== 0x0a;
    const undo = modes.undo();
    const leavesScreen = /\[\?(47|1047|1049)l/.test(undo);
    if (!stdout.destroyed) stdout.write(undo + (midLine && !leavesScreen ? '\r\n' : ''));
    try {
      // One that is in the background by now belongs to the shell, which has set it to its liking.
      if (!wasRaw && isTaken && isInForeground()) stdin.setRawMode?.(false);
    } finally {
      stdin.pause();
    }
  }

  return {
    size,
    watch(bytes) {
      modes.feed(bytes);
      lastByte = bytes.at(-1) ?? lastByte;
      remarks.written();
    },
    say: remarks.say,
    undo: () => modes.undo(),
    restore,
  };
}

/** What says how the terminal works. */
export function terminalEnv(env: NodeJS.ProcessEnv): Record<string, string> {
  const { TERM, COLORTERM } = env;
  return { TERM: TERM || 'xterm-256color', ...(COLORTERM ? { COLORTERM } : {}) };
}
