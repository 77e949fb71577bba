import type { Duplex } from 'node:stream';
import { MvmError } from '../errors/mvm-error.ts';
import { createDecoder } from '../protocol/decode.ts';
import { encodeResize } from '../protocol/frame.ts';
import { type GuestMessage, isTerminal, parseGuestFrame } from '../protocol/guest-messages.ts';
import type { OpenMessage, SignalName } from '../protocol/host-messages.ts';
import { encodeClose, encodeOpening, encodeSignal, type Op } from '../protocol/host-messages.ts';
import { createOrder } from '../protocol/order.ts';
import { createOpening, makeNonce } from '../protocol/preamble.ts';
import { guestLost } from './failure.ts';
import { createInput } from './input.ts';

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
  /** Milliseconds until GUEST_LOST when the guest says nothing; 0 for never. Default 30,000, `boot` 0. */
  answerMs?: number;
}

/**
 * One operation on one stream. Iterate it once; the last message is a terminal one (EXIT, ERROR, RESULT).
 * Not iterating pauses the guest's output. CREDIT is dealt with inside and never seen.
 *
 * The iteration throws GUEST_LOST when the stream ends first, GUEST_PROTOCOL when the guest breaks the
 * protocol, and the abort reason; after `close()` it just ends.
 */
export interface Channel<O extends Op> extends AsyncIterable<GuestMessage<O>> {
  /** Sends input within the guest's credit; resolves when all of it is sent, or the operation is over. */
  writeInput(bytes: Buffer): Promise<void>;
  /** Ends the input, after what was written before. */
  endInput(): Promise<void>;
  /** Rows and columns, clamped to 1…65535. */
  resize(rows: number, cols: number): void;
  signal(name: SignalName): void;
  /** Ends the operation from this side; idempotent. Resolves when the stream is closed. */
  close(): Promise<void>;
  /** Nothing can be sent any more. */
  readonly ended: boolean;
}

/** Sends preamble, HELLO and OPEN in one write. Throws USAGE when the OPEN message is too long. */
export function openChannel<M extends OpenMessage>(
  duplex: Duplex,
  options: ChannelOptions<M>,
): Channel<M['op']> {
  const { key, open, signal } = options;
  const nonce = makeNonce();
  const opening = createOpening(key, nonce);
  const input = createInput(duplex);
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
  const timer =
    patience > 0
      ? setTimeout(() => fail(guestLost(`without a word from it in ${patience / 1000} s`)), patience)
      : undefined;

  function stop(): void {
    ended = true;
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
    input.stop();
  }

  function send(bytes: Buffer): void {
    if (!ended) duplex.write(bytes);
  }

  function shut(last?: Buffer): Promise<void> {
    stop();
    closing ??= endStream(duplex, last);
    return closing;
  }

  async function* read(): AsyncGenerator<GuestMessage<M['op']>, void, undefined> {
    const decoder = createDecoder();
    const check = createOrder(open);
    for await (const chunk of duplex.iterator({ destroyOnReturn: false })) {
      const bytes = opening.feed(chunk as Buffer);
      if (bytes === undefined) continue;
      for (const frame of decoder.push(bytes)) {
        const message = parseGuestFrame<M['op']>(frame, open.op);
        check(message);
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
  const first = Buffer.concat([key, nonce, encodeOpening(open)]);
  if (signal?.aborted) abort();
  else {
    signal?.addEventListener('abort', abort, { once: true });
    duplex.write(first);
  }

  return {
    [Symbol.asyncIterator]: messages,
    writeInput: (bytes) => input.write(bytes),
    endInput: () => input.end(),
    resize: (rows, cols) => send(encodeResize(rows, cols)),
    signal: (name) => send(encodeSignal(name)),
    close() {
      closedHere = true;
      return shut(ended ? undefined : encodeClose());
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
