import { createConnection, type Socket } from 'node:net';
import * as v from 'valibot';
import { MvmError, systemCode } from '../errors/mvm-error.ts';
import type { LiveForward } from '../ports/forward.ts';
import type { Done } from '../share/overlay/changes/shown-change.ts';
import { companionFiles } from './files.ts';
import { answerSchema, type News, type Request } from './messages.ts';

/** A connection to a companion. */
export interface Companion {
  /** Throws what the companion says is wrong, and COMPANION_FAILED where it is gone. */
  ask(request: Request): Promise<LiveForward[]>;
  /** How many streams are open. Throws as `ask`. */
  streams(): Promise<number>;
  /** Whether something accepts connections on a port of the guest. Throws as `ask`. */
  accepts(guestPort: number): Promise<boolean>;
  /** Applies or discards changes. Throws as `ask`. */
  overlay(request: Request & { ask: 'overlay' }): Promise<Done>;
  /** Called with each of the news that a request asked for. */
  onNews(listener: (news: News) => void): void;
  /** Resolves when the connection has ended. */
  closed: Promise<void>;
  close(): void;
}

/** After so long an answer is slow, in milliseconds. */
const slowMs = 3000;

/**
 * Connects to a VM's companion; undefined where none listens.
 * @param signal closes the connection: what was asked is not waited for any more, and throws the signal's reason
 * @param onSlow called once for each answer that takes long
 */
export function connectCompanion(
  runtimeDir: string,
  signal?: AbortSignal,
  onSlow: () => void = () => {},
): Promise<Companion | undefined> {
  const { socket: path } = companionFiles(runtimeDir);
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path });
    socket.once('error', (error) => {
      if (['ENOENT', 'ECONNREFUSED'].includes(systemCode(error) ?? '')) resolve(undefined);
      else reject(gone(error));
    });
    socket.once('connect', () => resolve(talk(socket, signal, onSlow)));
  });
}

function talk(socket: Socket, signal: AbortSignal | undefined, onSlow: () => void): Companion {
  const waiting: ((line: string | undefined) => void)[] = [];
  let hear: (news: News) => void = () => {};
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    text += chunk;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
      const line = text.slice(0, end);
      if (line.startsWith('{"news":')) hear((JSON.parse(line) as { news: News }).news);
      else waiting.shift()?.(line);
      text = text.slice(end + 1);
    }
  });
  socket.on('error', () => {}); // followed by 'close'
  const onAbort = (): void => void socket.destroy();
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      signal?.removeEventListener('abort', onAbort);
      for (const answer of waiting.splice(0)) answer(undefined);
      resolve();
    });
  });
  async function answerTo(request: Request) {
    signal?.throwIfAborted();
    if (socket.destroyed) throw gone();
    socket.write(`${JSON.stringify(request)}\n`);
    const slow = setTimeout(onSlow, slowMs);
    const line = await new Promise<string | undefined>((resolve) => waiting.push(resolve));
    clearTimeout(slow);
    signal?.throwIfAborted();
    if (line === undefined) throw gone();
    const answer = v.parse(answerSchema, JSON.parse(line));
    if (answer.error === undefined) return answer;
    const { code, message, hint, details = [] } = answer.error;
    throw new MvmError(code, message, { details, ...(hint === undefined ? {} : { hint }) });
  }
  return {
    ask: async (request) => (await answerTo(request)).forwards,
    streams: async () => (await answerTo({ ask: 'list' })).streams,
    accepts: async (guestPort) => (await answerTo({ ask: 'try', guestPort })).accepts,
    overlay: async (request) => (await answerTo(request)).changes ?? { done: [], kept: [] },
    onNews(listener) {
      hear = listener;
    },
    closed,
    close: () => socket.destroy(),
  };
}

function gone(cause?: unknown): MvmError {
  return new MvmError('COMPANION_FAILED', "The VM's companion ended before it answered.", {
    ...(cause === undefined ? {} : { cause }),
    hint: 'the same command again   (it starts another)',
  });
}
