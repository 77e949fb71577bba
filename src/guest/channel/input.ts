import type { Duplex } from 'node:stream';
import { encodeHeader, frameTypes, maxCredit, maxData, streams } from '../../protocol/frame.ts';
import { encodeEnd } from '../../protocol/host-messages.ts';
import { violation } from '../../protocol/violation.ts';

/** Stream 0 of a channel: sent within the credit that the guest grants, in the order of the calls. */
export interface Input {
  /** Resolves once the bytes are handed to the stream, or at once when the operation is over. */
  write(bytes: Buffer): Promise<void>;
  /** EOF, after what was written before. */
  end(): Promise<void>;
  /** Throws GUEST_PROTOCOL when more than 1 MiB would be outstanding. */
  grant(bytes: number): void;
  /** The operation is over: everything that waits resolves. */
  stop(): void;
}

/** @param send sends a frame that needs no credit, once the guest is proven: EOF is often there before that */
export function createInput(duplex: Duplex, send: (frame: Buffer) => void): Input {
  let credit = 0;
  let stopped = false;
  let ended = false;
  let wake: (() => void) | undefined;
  let last: Promise<void> = Promise.resolve();

  const sleep = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });
  const rouse = (): void => wake?.();

  async function sendWithin(bytes: Buffer): Promise<void> {
    let at = 0;
    while (at < bytes.length && !stopped && !ended) {
      if (credit === 0 || duplex.writableNeedDrain) {
        await sleep();
        continue;
      }
      const n = Math.min(credit, maxData, bytes.length - at);
      credit -= n;
      duplex.cork();
      duplex.write(encodeHeader(frameTypes.data, streams.stdin, n));
      duplex.write(bytes.subarray(at, at + n));
      duplex.uncork();
      at += n;
    }
  }

  duplex.on('drain', rouse);
  return {
    write(bytes) {
      last = last.then(() => sendWithin(bytes));
      return last;
    },
    end() {
      last = last.then(() => {
        if (!stopped && !ended) send(encodeEnd());
        ended = true;
      });
      return last;
    },
    grant(bytes) {
      credit += bytes;
      if (credit > maxCredit) throw violation('payload', `${credit} bytes of credit are outstanding`);
      rouse();
    },
    stop() {
      stopped = true;
      duplex.off('drain', rouse);
      rouse();
    },
  };
}
