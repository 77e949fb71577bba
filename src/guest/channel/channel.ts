import type { Duplex } from 'node:stream';
import { MvmError } from '../../errors/mvm-error.ts';
import { createDecoder } from '../../protocol/decode.ts';
import type { Notice } from '../../protocol/fields.ts';
import { encodeResize } from '../../protocol/frame.ts';
import { type GuestMessage, isTerminal, parseGuestFrame } from '../../protocol/guest-messages.ts';
import type { OpenMessage, SignalName } from '../../protocol/host-messages.ts';
import {
  encodeClose,
  encodeHello,
  encodeOpen,
  encodePing,
  encodeSignal,
  type Op,
} from '../../protocol/host-messages.ts';
import { createOrder } from '../../protocol/order.ts';
import { createOpening } from '../../protocol/preamble.ts';
import { guestLost, noAnswer } from './failure.ts';
import { createInput } from './input.ts';
import { type SilenceListener, watchSilence } from './silence.ts';

/** How long a guest may take to say its first word, in milliseconds. */
const answerMs = 30_000;
/** How long CLOSE may take to leave the process, in milliseconds; closing the stream says the same. */
const closeMs = 250;

export interface ChannelOptions<M extends OpenMessage> {
  /** This boot's key, 32 bytes. */
  key: Buffer;
  open: M;
  /** Ends the operation; the iteration throws the signal's reason. */
  signal?: AbortSignal;
  /** Milliseconds until GUEST_SILENT when the guest says nothing; 0 for never. Default 30,000, `boot` 0. */
  answerMs?: number;
  onSilence?: SilenceListener;
  /** Told what listens in the guest, where `open` asks for that. */
  onNotice?: (notice: Notice) => void;
  /** Whose guest it is, for messages. */
  vm?: string;
}

/**
 * One operation on one stream. Iterate it once; the last message is a terminal one (EXIT, ERROR, RESULT).
 * Not iterating pauses the guest's output. CREDIT, PONG and NOTICE are dealt with inside and never seen.
 *
 * The iteration throws GUEST_LOST when the stream ends first, GUEST_SILENT when the guest never answers,
 * GUEST_PROTOCOL when it breaks the protocol, and the abort reason; after `close()` it just ends.
 */
export interface Channel<O extends Op> extends AsyncIterable<GuestMessage<O>> {
  /** Sends input within the guest's credit; resolves when all of it is sent, or the operation is over. */
  writeInput(bytes: Buffer): Promise<void>;
  /** Ends the input, after what was written before. */
  endInput(): Promise<void>;
  /** Rows and columns, clamped to 1…65535. */
  resize(rows: number, cols: number): void;
  signal(name: SignalName): void;
  /**
   * Sends a frame of a stream, once the operation has started. False: it is kept in memory until the guest reads; `onDrain`
   * tells when.
   */
  sendStream(frame: Buffer, payload?: Buffer): boolean;
  onDrain(listener: () => void): void;
  /** Whether the guest sends anything within `ms`; it is sent a PING. */
  isAnswering(ms: number): Promise<boolean>;
  /** Ends the operation from this side; idempotent. Resolves when the stream is closed. */
  close(): Promise<void>;
  /** Nothing can be sent any more. */
  readonly ended: boolean;
}

/**
 * Sends HELLO and OPEN as soon as the guest has proved that it has the key. Throws USAGE when the OPEN message is too
 * long.
 */
export function openChannel<M extends OpenMessage>(
  duplex: Duplex,
  options: ChannelOptions<M>,
): Channel<M['op']> {
  const { key, open, signal } = options;
  const request = encodeOpen(open);
  const opening = createOpening(key, (proof) => {
    proven = true;
    duplex.write(Buffer.concat([proof, encodeHello(Date.now()), request, ...early]));
    early = [];
  });
  const input = createInput(duplex, send);
  /** What to send once the guest has proved that it is ours. */
  let early: Buffer[] = [];
  let proven = false;
  const hearers = new Set<() => void>();
  let failure: unknown;
  let ended = false;
  let answered = false;
  let finished = false;
  let closedHere = false;
  let closing: Promise<void> | undefined;

  const fail = (error: unknown): void => {
    failure ??= error;
    stop();
    duplex.destroy();
  };
  const abort = (): void => fail(signal?.reason);
  const patience = options.answerMs ?? (open.op === 'boot' ? 0 : answerMs);
  const timer = patience > 0 ? setTimeout(() => fail(noAnswer(patience, options.vm)), patience) : undefined;
  // A boot has a deadline of its own, and says nothing for as long as it takes; streams have nothing to say for hours.
  const silence =
    open.op === 'boot' || open.op === 'streams'
      ? undefined
      : watchSilence(
          () => send(encodePing()),
          (silent) => options.onSilence?.(silent),
        );

  function stop(): void {
    ended = true;
    clearTimeout(timer);
    silence?.stop();
    signal?.removeEventListener('abort', abort);
    input.stop();
    for (const hear of hearers) hear();
  }

  function send(bytes: Buffer): void {
    if (ended) return;
    if (proven) duplex.write(bytes);
    else early.push(bytes);
  }

  function shut(last?: Buffer): Promise<void> {
    stop();
    closing ??= endStream(duplex, last);
    return closing;
  }

  async function* read(): AsyncGenerator<GuestMessage<M['op']>, void, undefined> {
    const decoder = createDecoder();
    const check = createOrder(open);
    silence?.waiting();
    for await (const chunk of duplex.iterator({ destroyOnReturn: false })) {
      silence?.heard();
      for (const hear of hearers) hear();
      const bytes = opening.feed(chunk as Buffer);
      if (bytes === undefined) {
        silence?.waiting();
        continue;
      }
      for (const frame of decoder.push(bytes)) {
        const message = parseGuestFrame<M['op']>(frame, open.op);
        check(message);
        if (message.type === 'pong') continue;
        if (message.type === 'notice') {
          options.onNotice?.(message);
          continue;
        }
        clearTimeout(timer);
        answered = true;
        if (message.type === 'credit') input.grant(message.bytes);
        else yield message;
        if (isTerminal(message)) {
          finished = true;
          return;
        }
        if (closing !== undefined || failure !== undefined) return;
      }
      silence?.waiting();
    }
  }

  async function* messages(): AsyncGenerator<GuestMessage<M['op']>, void, undefined> {
    try {
      yield* read();
    } catch (error) {
      failure ??= error;
    } finally {
      await shut();
    }
    if (finished || closedHere) return;
    if (failure instanceof MvmError || signal?.aborted) throw failure;
    throw guestLost(answered ? 'before the operation did' : 'before it answered', failure);
  }

  duplex.on('error', (error) => {
    failure ??= error;
    stop();
  });
  if (signal?.aborted) abort();
  else {
    signal?.addEventListener('abort', abort, { once: true });
    duplex.write(opening.first);
  }

  return {
    [Symbol.asyncIterator]: messages,
    writeInput: (bytes) => input.write(bytes),
    endInput: () => input.end(),
    resize: (rows, cols) => send(encodeResize(rows, cols)),
    signal: (name) => send(encodeSignal(name)),
    sendStream(frame, payload) {
      if (ended) return true;
      if (payload === undefined) return duplex.write(frame);
      duplex.cork();
      duplex.write(frame);
      duplex.write(payload);
      duplex.uncork();
      return !duplex.writableNeedDrain;
    },
    onDrain: (listener) => void duplex.on('drain', listener),
    isAnswering(ms) {
      const answer = Promise.withResolvers<boolean>();
      const late = setTimeout(() => answer.resolve(false), ms);
      const hear = (): void => answer.resolve(true);
      hearers.add(hear);
      send(encodePing());
      return answer.promise.finally(() => {
        clearTimeout(late);
        hearers.delete(hear);
      });
    },
    close() {
      closedHere = true;
      return shut(ended || !proven ? undefined : encodeClose());
    },
    get ended() {
      return ended;
    },
  };
}

function endStream(duplex: Duplex, last: Buffer | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, closeMs);
    function done(): void {
      clearTimeout(timer);
      duplex.destroy();
      resolve();
    }
    if (duplex.destroyed || duplex.writableFinished) return done();
    duplex.once('finish', done);
    duplex.once('close', done);
    if (!duplex.writableEnded) duplex.end(last);
  });
}
