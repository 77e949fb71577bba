import type { Duplex } from 'node:stream';
import type { OpenMessage } from '../protocol/host-messages.ts';
import { type Channel, openChannel } from './channel.ts';

/** Opens the byte stream of a channel; a backend provides it. */
export type Connect = () => Promise<Duplex>;

/** Connects and opens a channel for one operation; see `openChannel`. Throws what `connect` throws. */
export async function connectChannel<M extends OpenMessage>(
  connect: Connect,
  key: Buffer,
  open: M,
  signal?: AbortSignal,
): Promise<Channel<M['op']>> {
  signal?.throwIfAborted();
  return openChannel(await connect(), { key, open, ...(signal === undefined ? {} : { signal }) });
}
