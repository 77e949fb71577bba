import type { Session } from '../../streams/session.ts';
import type { Stream } from '../../streams/stream.ts';
import { maxMessage, opcodes, requestHeader } from './layout.ts';

/** While more of the answers waits for the guest, in bytes, it is asked for nothing more. */
const mostWaiting = 4 * 2 ** 20;

/** What takes a guest's messages. */
export interface Taker {
  take(message: Buffer): void;
  close(): void;
}

/** A share in one session with its guest. */
export interface Carried {
  /** Resolves when programs in the guest can use it; rejects where they never will, with the guest's reason. */
  ready: Promise<void>;
  /** Resolves when the stream is over, with the reason. */
  over: Promise<string>;
  end(): void;
}

/**
 * Carries the messages of a share between its guest and its server.
 * @param open what the stream is opened with
 * @param makeServer makes the server of this session, with what sends to the guest
 */
export function carryShare(
  session: Session,
  open: object,
  makeServer: (send: (message: Buffer) => void) => Taker,
): Carried {
  const ready = Promise.withResolvers<void>();
  ready.promise.catch(() => {}); // Nobody may be waiting.
  const over = Promise.withResolvers<string>();
  /** Of a message, what there is of it. */
  let part: Buffer | undefined;
  let partLength = 0;
  const header = Buffer.alloc(4);
  let headerLength = 0;
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  /** Taken from the guest, which does not know yet. */
  let owed = 0;
  let isOver = false;
  let isDue = false;

  function finish(reason: string): void {
    if (isOver) return;
    isOver = true;
    waiting = [];
    ready.reject(new Error(reason));
    server.close();
    over.resolve(reason);
  }

  function flush(): void {
    while (waiting.length > 0 && !isOver) {
      const bytes = waiting.length === 1 ? waiting[0] : Buffer.concat(waiting);
      if (bytes === undefined) return;
      const sent = stream?.write(bytes) ?? 0;
      waitingBytes -= sent;
      waiting = sent < bytes.length ? [bytes.subarray(sent)] : [];
      if (sent < bytes.length) break;
    }
    settle();
  }

  /** Lets the guest send as much as was taken, unless it does not read its answers. */
  function settle(): void {
    if (owed === 0 || waitingBytes > mostWaiting || isOver) return;
    const bytes = owed;
    owed = 0;
    stream?.taken(bytes);
  }

  /** Once for all that is sent in this turn, when the session has noted what it brought. */
  function later(): void {
    if (isDue) return;
    isDue = true;
    queueMicrotask(() => {
      isDue = false;
      flush();
    });
  }

  const server = makeServer((message) => {
    if (isOver) return;
    waiting.push(message);
    waitingBytes += message.length;
    later();
  });

  function take(message: Buffer): void {
    const opcode = message.readUInt32LE(4);
    if (opcode === opcodes.ready) ready.resolve();
    else if (opcode === opcodes.failed)
      finish(`failed: ${message.subarray(requestHeader).toString('utf8', 0, 1000)}`);
    else server.take(message);
  }

  /** Puts messages together. False where the guest sends what can be none. */
  function data(bytes: Buffer): boolean {
    let at = 0;
    while (at < bytes.length && !isOver) {
      if (part === undefined) {
        // Most messages are here as a whole.
        const left = bytes.length - at;
        if (headerLength === 0 && left >= 4) {
          const length = bytes.readUInt32LE(at);
          if (length >= requestHeader && length <= left) {
            take(bytes.subarray(at, at + length));
            at += length;
            continue;
          }
        }
        const n = Math.min(4 - headerLength, left);
        bytes.copy(header, headerLength, at, at + n);
        headerLength += n;
        at += n;
        if (headerLength < 4) return true;
        const length = header.readUInt32LE(0);
        if (length < requestHeader || length > maxMessage) return false;
        part = Buffer.allocUnsafe(length);
        header.copy(part);
        partLength = 4;
        headerLength = 0;
      }
      const n = Math.min(part.length - partLength, bytes.length - at);
      bytes.copy(part, partLength, at, at + n);
      partLength += n;
      at += n;
      if (partLength < part.length) return true;
      const whole = part;
      part = undefined;
      take(whole);
    }
    return true;
  }

  const stream: Stream | undefined = session.open(open, {
    data(bytes) {
      if (isOver) return;
      if (!data(bytes)) {
        stream?.reset('bad_request');
        finish('broken');
        return;
      }
      owed += bytes.length;
      later();
    },
    end: () => finish('ended'),
    reset: (code) => finish(code),
    writable: flush,
  });
  if (stream === undefined) finish('busy');
  return {
    ready: ready.promise,
    over: over.promise,
    end() {
      stream?.reset('gone');
      finish('gone');
    },
  };
}
