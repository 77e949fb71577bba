import type { Readable } from 'node:stream';
import { MvmError, systemCode } from '../errors/mvm-error.ts';
import type { Channel } from './channel.ts';

/** A running copy of a local stream into a channel. */
export interface Pump {
  /** Leaves the stream paused, so that it does not keep the process alive. */
  stop(): void;
}

/**
 * Copies `source` into the channel's input and forwards its end. A source that can't be read ends the
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
      if (!channel.ended && !stopped) source.resume();
    });
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
  source.on('data', data);
  source.once('end', end);
  source.once('error', broken);
  if (source.readableEnded || source.destroyed) end();
  return {
    stop() {
      if (stopped) return;
      stopped = true;
      source.off('data', data);
      source.off('end', end);
      source.off('error', broken);
      source.pause();
    },
  };
}
