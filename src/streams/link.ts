import { connectChannel, type GuestAccess } from '../guest/channel/connect.ts';
import { guestLost, refused } from '../guest/channel/failure.ts';
import { createSession, type Session } from './session.ts';

/** The operation `streams` of a guest. */
export interface Link {
  session: Session;
  /** Resolves when the operation is over, with why; every stream was reset then. */
  over: Promise<unknown>;
  close(): Promise<void>;
}

/**
 * Opens the operation. Throws GUEST_LOST, GUEST_SILENT, GUEST_PROTOCOL, GUEST_REFUSED (an agent that has no streams), the
 * abort reason, and what `connect` throws.
 */
export async function openLink(guest: GuestAccess, signal: AbortSignal): Promise<Link> {
  const channel = await connectChannel(guest, { op: 'streams' }, signal);
  const started = Promise.withResolvers<Session>();
  let session: Session | undefined;
  const over = (async () => {
    try {
      for await (const message of channel) {
        if (message.type === 'stream') session?.frame(message.frame);
        else if (message.type === 'started') {
          session = createSession({ send: channel.sendStream }, message.fields.maxStreams);
          channel.onDrain(session.drained);
          started.resolve(session);
        } else if (message.type === 'error') throw refused(message);
      }
      return guestLost('while it had streams');
    } catch (error) {
      return error;
    } finally {
      await channel.close();
      session?.end();
    }
  })();
  // Without effect once it has started.
  void over.then(started.reject);
  return { session: await started.promise, over, close: () => channel.close() };
}
