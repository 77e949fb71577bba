import type { ResultFields } from '../../protocol/fields.ts';
import type { OpenMessage } from '../../protocol/host-messages.ts';
import { connectChannel, type GuestAccess } from './connect.ts';
import { guestLost, refused } from './failure.ts';

/**
 * An operation that is one question: what its RESULT says. Throws GUEST_LOST, GUEST_PROTOCOL, GUEST_REFUSED or what
 * else the guest's ERROR means (see `refused`), the abort reason, and what `connect` throws.
 */
export async function askGuest<M extends OpenMessage>(
  guest: GuestAccess,
  open: M,
  signal?: AbortSignal,
): Promise<ResultFields[M['op']]> {
  const channel = await connectChannel(guest, open, signal);
  for await (const message of channel) {
    if (message.type === 'result') return message.fields;
    if (message.type === 'error') throw refused(message);
  }
  throw guestLost('before it answered');
}
