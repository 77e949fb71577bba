import { MvmError } from '../../errors/mvm-error.ts';
import type { Channel } from '../channel/channel.ts';
import { connectChannel, type GuestAccess } from '../channel/connect.ts';
import { guestLost, refused } from '../channel/failure.ts';
import { BrokenPipe, createSink, type Sink } from '../exec/sink.ts';
import { defaultDetachKeys, parseDetachKeys } from '../terminal/detach-keys.ts';
import { createReplay, type Replay } from '../terminal/replay.ts';
import {
  hangUp,
  type LocalTerminal,
  openTerminal,
  type SignalSource,
  type TerminalInput,
  type TerminalOutput,
  terminalEnv,
} from '../terminal/terminal.ts';
import { createConsoleInput } from './input.ts';

export interface ConsoleOptions {
  guest: GuestAccess;
  stdin: TerminalInput;
  stdout: TerminalOutput;
  /** See `parseDetachKeys`; default Ctrl-] twice. */
  detachKeys?: string;
  /** The local environment: what says how the terminal works (TERM, COLORTERM) is passed on. */
  env?: NodeJS.ProcessEnv;
  /** For the shell, where this attachment starts a new one. */
  guestEnv?: Readonly<Record<string, string>>;
  /** A channel is there: from now on signals detach, before they were `signal`'s. */
  onConnected?: () => void;
  /** The guest has answered: nothing has been written to the terminal before. */
  onAttached?: (session: { session: number; created: boolean; attached: number }) => void;
  /** The terminal is the guest's now. */
  onTerminal?: (terminal: LocalTerminal) => void;
  /** Where signals come from; by default `process`. */
  signals?: SignalSource;
  signal?: AbortSignal;
}

export type ConsoleResult =
  /** `reason` where no key was pressed: the terminal was closed, or a signal asked this process to end. */
  { kind: 'detached'; reason?: MvmError } | { kind: 'exited'; status: number };

/**
 * Attaches the local terminal to the entrypoint's session. The terminal is restored whatever happens. The
 * session keeps running after a detach, a closed terminal, SIGTERM, SIGHUP and SIGINT. Throws GUEST_LOST when
 * the stream ends, GUEST_REFUSED, GUEST_PROTOCOL, NOT_A_TERMINAL, USAGE (detach keys), the abort reason,
 * and what `connect` throws.
 */
export async function attachConsole(options: ConsoleOptions): Promise<ConsoleResult> {
  const { guest, stdin, stdout } = options;
  const keys = parseDetachKeys(options.detachKeys ?? defaultDetachKeys);
  if (stdin.isTTY !== true)
    throw new MvmError('NOT_A_TERMINAL', 'Standard input is not a terminal.', {
      hint: 'mvmctl exec -i -- sh',
    });
  const size = { rows: stdout.rows || 24, cols: stdout.columns || 80 };
  const open = {
    op: 'console',
    ...size,
    env: { ...options.guestEnv, ...terminalEnv(options.env ?? {}) },
  } as const;
  const channel = await connectChannel(guest, open, options.signal);
  options.onConnected?.();
  let leave: (reason?: MvmError) => void = () => {};
  const left = new Promise<ConsoleResult>((resolve) => {
    leave = (reason) => {
      sink.release();
      void channel.close().then(() => resolve({ kind: 'detached', ...(reason ? { reason } : {}) }));
    };
  });
  const sink = createSink(stdout, 'the terminal', options.signal);
  const input = createConsoleInput(stdin, channel, keys, () => leave());
  const terminal = await openTerminal({
    stdin,
    stdout,
    ...(options.signals === undefined ? {} : { signals: options.signals }),
    onResize: (rows, cols) => channel.resize(rows, cols),
    onEnd: leave,
    onForeground: () => input.start(),
    onBackground: () => input.pause(),
  });
  options.onTerminal?.(terminal);
  try {
    const session = converse(channel, { terminal, sink, size, options });
    // Detaching must not wait for a terminal that takes no more output.
    return await Promise.race([session, left]);
  } finally {
    input.stop();
    terminal.restore();
    sink.release();
    await channel.close();
  }
}

interface Parts {
  terminal: LocalTerminal;
  sink: Sink;
  size: { rows: number; cols: number };
  options: ConsoleOptions;
}

async function converse(channel: Channel<'console'>, parts: Parts): Promise<ConsoleResult> {
  const { terminal, sink, size, options } = parts;
  let replay: Replay | undefined;
  const show = async (bytes: Buffer): Promise<void> => {
    if (channel.ended) return;
    terminal.watch(bytes);
    await sink.write(bytes);
  };
  try {
    for await (const message of channel) {
      switch (message.type) {
        case 'started':
          options.onAttached?.(message.fields);
          break;
        case 'resize':
          replay ??= await createReplay(size.rows, size.cols);
          await replay.resize(message.rows, message.cols);
          break;
        case 'live': {
          if (replay === undefined) break;
          const now = terminal.size();
          const restoration = await replay.finish(now.rows, now.cols);
          replay = undefined;
          // A second replay, for a host that lagged behind, meets a terminal that is in any state.
          await show(Buffer.concat([Buffer.from(terminal.undo()), restoration]));
          break;
        }
        case 'data':
          if (message.stream === 3) {
            replay ??= await createReplay(size.rows, size.cols);
            await replay.write(message.bytes);
          } else await show(message.bytes);
          break;
        case 'exit':
          await sink.flush();
          return { kind: 'exited', status: message.status };
        case 'error':
          throw refused(message);
      }
    }
  } catch (error) {
    if (!(error instanceof BrokenPipe)) throw error;
    return {
      kind: 'detached',
      reason: new MvmError('INTERRUPTED', 'The terminal was closed.', { exit: hangUp }),
    };
  }
  // Reached after a detach, whose own result comes first.
  if (channel.ended) return new Promise(() => {});
  throw guestLost('before the operation did');
}
