import { EventEmitter } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { interruptedBy } from '../../errors/interrupted.ts';
import type { OpenMessages } from '../../protocol/host-messages.ts';
import type { Channel } from '../channel/channel.ts';
import { connectChannel, type GuestAccess } from '../channel/connect.ts';
import { refused } from '../channel/failure.ts';
import { watchLeaveKeys } from '../terminal/leave-keys.ts';
import {
  type LocalTerminal,
  openTerminal,
  type SignalSource,
  type TerminalInput,
  type TerminalOutput,
  terminalEnv,
} from '../terminal/terminal.ts';
import { type Pump, pumpInput } from './input.ts';
import { forwardSignals } from './signals.ts';
import { BrokenPipe, createSink, type Sink } from './sink.ts';

export interface ExecOptions {
  argv: readonly string[];
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  user?: string;
  /**
   * A terminal in the guest. Where `stdin` is a local terminal too, it is put into raw mode, its size is
   * followed, and it is restored at the end; signals are then the terminal's affair.
   */
  tty: boolean;
  /** Size of the guest's terminal; by default that of `stdout`. */
  rows?: number;
  cols?: number;
  /** null: the process reads nothing. */
  stdin?: Readable | null;
  stdout: Writable;
  stderr: Writable;
  /** A channel is there: from now on signals are this exec's to deal with, before they were `signal`'s. */
  onConnected?: () => void;
  onStarted?: (pid: number) => void;
  /** The local environment: with `tty`, what says how the terminal works (TERM, COLORTERM) goes along. */
  terminalEnv?: NodeJS.ProcessEnv;
  /** Local signals to forward; by default `process`, null for none. */
  signals?: SignalSource | null;
  signal?: AbortSignal;
}

export interface ExecResult {
  /** 128 + n where signal n ended the process; 141 where the local reader of the output went away. */
  status: number;
  /** Its name without SIG. */
  signal?: string;
}

/**
 * Runs a program in the guest and copies its streams. Resolves when the process has ended and its output
 * has left this process. Throws EXEC_NOT_FOUND, EXEC_NOT_EXECUTABLE, GUEST_REFUSED (no such user, bad
 * directory, …), GUEST_LOST, GUEST_PROTOCOL, STATE_WRITE (output can't be written), USAGE (input can't be
 * read), INTERRUPTED, and what `connect` throws.
 */
export async function execInGuest(guest: GuestAccess, options: ExecOptions): Promise<ExecResult> {
  const controller = new AbortController();
  const abort = (reason: unknown): void => controller.abort(reason);
  const outer = (): void => abort(options.signal?.reason);
  options.signal?.throwIfAborted();
  options.signal?.addEventListener('abort', outer);
  try {
    const state = { isSilent: false };
    const watched: GuestAccess = {
      ...guest,
      onSilence(isSilent) {
        state.isSilent = isSilent;
        guest.onSilence?.(isSilent);
      },
    };
    const channel = await connectChannel(watched, openMessage(options), controller.signal);
    options.onConnected?.();
    return await converse(channel, options, controller.signal, abort, () => state.isSilent);
  } finally {
    options.signal?.removeEventListener('abort', outer);
  }
}

function openMessage(o: ExecOptions): OpenMessages['exec'] {
  const { rows, columns } = o.stdout as TerminalOutput;
  const env = o.tty && o.terminalEnv !== undefined ? { ...terminalEnv(o.terminalEnv), ...o.env } : o.env;
  return {
    op: 'exec',
    argv: o.argv,
    tty: o.tty,
    stdin: o.stdin != null,
    ...(env === undefined ? {} : { env }),
    ...(o.cwd === undefined ? {} : { cwd: o.cwd }),
    ...(o.user === undefined ? {} : { user: o.user }),
    ...(o.tty ? { rows: o.rows ?? (rows || 24), cols: o.cols ?? (columns || 80) } : {}),
  };
}

async function converse(
  channel: Channel<'exec'>,
  o: ExecOptions,
  signal: AbortSignal,
  abort: (reason: unknown) => void,
  isSilent: () => boolean,
): Promise<ExecResult> {
  let started = false;
  const source = o.signals === undefined ? process : (o.signals ?? new EventEmitter());
  const pump = o.stdin == null ? undefined : pumpInput(o.stdin, channel, abort);
  const terminal = await localTerminal(channel, o, source, abort, pump);
  const sinks: Record<1 | 2, Sink> = {
    1: createSink(o.stdout, 'standard output', signal, abort),
    2: createSink(o.stderr, 'standard error', signal, abort),
  };
  const unhook = forwardSignals(source, channel, () => started, abort, terminal !== undefined);
  if (terminal === undefined) pump?.start();
  const keys =
    terminal !== undefined && o.stdin != null
      ? watchLeaveKeys(o.stdin, isSilent, () => abort(interruptedBy('SIGINT')))
      : undefined;
  try {
    for await (const message of channel) {
      if (message.type === 'started') {
        started = true;
        o.onStarted?.(message.fields.pid);
      } else if (message.type === 'data') {
        if (message.stream === 3) continue;
        terminal?.watch(message.bytes);
        await sinks[message.stream].write(message.bytes);
      } else if (message.type === 'exit') {
        await Promise.all([sinks[1].flush(), sinks[2].flush()]);
        return { status: message.status, ...(message.signal ? { signal: message.signal } : {}) };
      } else if (message.type === 'error') throw refused(message);
    }
    // The iteration throws rather than end without a terminal message.
    throw signal.reason;
  } catch (error) {
    if (!(error instanceof BrokenPipe)) throw error;
    await channel.close();
    return { status: 128 + 13, signal: 'PIPE' };
  } finally {
    pump?.stop();
    unhook();
    keys?.();
    terminal?.restore();
    sinks[1].release();
    sinks[2].release();
  }
}

async function localTerminal(
  channel: Channel<'exec'>,
  o: ExecOptions,
  signals: SignalSource,
  abort: (reason: unknown) => void,
  pump: Pump | undefined,
): Promise<LocalTerminal | undefined> {
  const stdin = o.stdin as TerminalInput | null | undefined;
  if (!o.tty || stdin?.isTTY !== true) return undefined;
  return openTerminal({
    stdin,
    stdout: o.stdout as TerminalOutput,
    signals,
    onResize: (rows, cols) => channel.resize(rows, cols),
    onEnd: abort,
    onForeground: () => pump?.start(),
    onBackground: () => pump?.pause(),
  });
}
