import type { Writable } from 'node:stream';
import { MvmError, systemCode } from '../../errors/mvm-error.ts';

/** A local stream that output goes to. */
export interface Sink {
  /**
   * Resolves when the stream wants more. Throws BrokenPipe when its reader is gone, STATE_WRITE for any
   * other failure (a full disk), and the abort reason.
   */
  write(bytes: Buffer | string): Promise<void>;
  /** Resolves when all that was written has left the process. */
  flush(): Promise<void>;
  /** Stops listening for the stream's errors. */
  release(): void;
}

/** The reader of a local stream is gone, as in `mvmctl exec -- yes | head -1`. */
export class BrokenPipe extends Error {}

/**
 * `name` is for messages: "standard output". `onFailure` hears of a failure at once, also where it shows
 * after the write and no further one comes.
 */
export function createSink(
  stream: Writable,
  name: string,
  signal?: AbortSignal,
  onFailure?: (error: Error) => void,
): Sink {
  let failure: Error | undefined;
  let pending = 0;
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const resolve of [...waiting]) resolve();
  };
  const failed = (error: Error): void => {
    if (failure !== undefined) return;
    failure = describe(error, stream, name);
    onFailure?.(failure);
    wake();
  };
  const closed = (): void => {
    if (!stream.writableFinished || pending > 0) failed(new BrokenPipe());
  };
  stream.on('error', failed);
  stream.on('drain', wake);
  stream.on('close', closed);
  signal?.addEventListener('abort', wake);

  async function until(ready: () => boolean): Promise<void> {
    for (;;) {
      if (failure !== undefined) throw failure;
      signal?.throwIfAborted();
      if (ready()) return;
      await new Promise<void>((resolve) => waiting.add(resolve));
      waiting.clear();
    }
  }

  return {
    async write(bytes) {
      if (failure === undefined) {
        pending++;
        stream.write(bytes, (error) => {
          pending--;
          if (error != null) failed(error);
          else if (pending === 0) wake();
        });
      }
      await until(() => !stream.writableNeedDrain);
    },
    flush: () => until(() => pending === 0),
    release() {
      stream.off('drain', wake);
      stream.off('close', closed);
      signal?.removeEventListener('abort', wake);
      // A stream that failed may say so again after the last write.
      if (failure === undefined) stream.off('error', failed);
    },
  };
}

function describe(error: Error, stream: Writable, name: string): Error {
  const code = systemCode(error);
  if (error instanceof BrokenPipe || code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED')
    return new BrokenPipe();
  // What the kernel says of a terminal that was closed.
  if (code === 'EIO' && (stream as { isTTY?: boolean }).isTTY === true) return new BrokenPipe();
  return new MvmError('STATE_WRITE', `Can't write to ${name}: ${code ?? error.message}.`, { cause: error });
}
