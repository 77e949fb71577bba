import type { Readable } from 'node:stream';
import { MvmError, systemCode } from '../../errors/mvm-error.ts';
import type { Channel } from '../channel/channel.ts';

/** A copy of a local stream into a channel. */
export interface Pump {
  /** Starts or resumes reading. */
  start(): void;
  /** Reads nothing until the next `start`. */
  pause(): void;
  /** Leaves the stream paused, so that it does not keep the process alive. */
  stop(): void;
}

/**
 * Copies `source` into the channel's input, once started, and forwards its end. A source that can't be read ends the
 * input; the error goes to `failed`.
 */
export function pumpInput(
  source: Readable,
  channel: Channel<'exec'>,
  failed: (error: MvmError) => void,
): Pump {
  function data(chunk: Buffer | string): void {
    source.pause();
    void channel.writeInput(Buffer.from(chunk as Buffer)).then(() => {
      taking = true;
      flow();
    });
    taking = false;
  }
  function flow(): void {
    if (running && taking && !channel.ended) source.resume();
  }
  function end(): void {
    void channel.endInput();
  }
  function broken(error: Error): void {
    void channel.endInput();
    const code = systemCode(error) ?? error.message;
    failed(new MvmError('USAGE', `Can't read standard input: ${code}.`, { cause: error }));
  }
  let stopped = false;
  let hooked = false;
  let running = false;
  /** The channel takes more. */
  let taking = true;
  return {
    start() {
      if (stopped) return;
      running = true;
      if (hooked) return flow();
      hooked = true;
      source.on('data', data);
      source.once('end', end);
      source.once('error', broken);
      if (source.readableEnded || source.destroyed) end();
      // A listener alone does not wake a stream that was paused.
      else flow();
    },
    pause() {
      running = false;
      source.pause();
    },
    stop() {
      if (stopped) return;
      stopped = true;
      running = false;
      if (!hooked) return;
      source.off('data', data);
      source.off('end', end);
      source.off('error', broken);
      source.pause();
    },
  };
}
