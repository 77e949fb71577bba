import type { Writable } from 'node:stream';
import { connectChannel, type GuestAccess } from '../channel/connect.ts';
import { refused } from '../channel/failure.ts';
import { BrokenPipe, createSink } from '../exec/sink.ts';

export interface EntrypointOptions {
  /** Get the entrypoint's output: what it wrote so far, as far as the guest keeps it, and then each piece. */
  stdout: Writable;
  stderr: Writable;
  /** A stream's reader went away. The output is still read, but dropped from then on. */
  onBrokenPipe?: () => void;
  signal?: AbortSignal;
}

export interface EntrypointResult {
  /** 128 + n where signal n ended it; 127 and 126 where its program could not be run. */
  status: number;
  /** Its name without SIG. */
  signal?: string;
}

/**
 * Copies the output of the VM's entrypoint until that ends; the entrypoint keeps running if this is given up. Throws GUEST_REFUSED
 * (the entrypoint is a shell), GUEST_LOST, GUEST_PROTOCOL, STATE_WRITE (output can't be written), the abort reason,
 * and what `connect` throws.
 */
export async function attachEntrypoint(
  guest: GuestAccess,
  options: EntrypointOptions,
): Promise<EntrypointResult> {
  const { signal } = options;
  const channel = await connectChannel(guest, { op: 'entrypoint' }, signal);
  let open = true;
  const dropping = (): void => {
    if (!open) return;
    open = false;
    options.onBrokenPipe?.();
  };
  const heard = (error: Error): void => {
    if (error instanceof BrokenPipe) dropping();
  };
  const sinks = {
    1: createSink(options.stdout, 'standard output', signal, heard),
    2: createSink(options.stderr, 'standard error', signal, heard),
  };
  const unlessBroken = async (work: Promise<unknown>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      if (!(error instanceof BrokenPipe)) throw error;
      dropping();
    }
  };
  try {
    for await (const message of channel) {
      if (message.type === 'data' && message.stream !== 3) {
        if (open) await unlessBroken(sinks[message.stream].write(message.bytes));
      } else if (message.type === 'exit') {
        if (open) await unlessBroken(Promise.all([sinks[1].flush(), sinks[2].flush()]));
        return { status: message.status, ...(message.signal ? { signal: message.signal } : {}) };
      } else if (message.type === 'error') throw refused(message);
    }
    // The iteration throws rather than end without a terminal message.
    throw signal?.reason;
  } finally {
    await channel.close();
    sinks[1].release();
    sinks[2].release();
  }
}
