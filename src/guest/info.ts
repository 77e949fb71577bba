import type { GuestInfo } from '../protocol/fields.ts';
import { type Connect, connectChannel } from './connect.ts';
import { guestLost, refused } from './failure.ts';

export type { GuestInfo } from '../protocol/fields.ts';

/** Asks the agent about the guest. Throws GUEST_LOST, GUEST_PROTOCOL, GUEST_REFUSED, the abort reason. */
export async function guestInfo(connect: Connect, key: Buffer, signal?: AbortSignal): Promise<GuestInfo> {
  const channel = await connectChannel(connect, key, { op: 'info' }, signal);
  for await (const message of channel) {
    if (message.type === 'result') return message.fields;
    if (message.type === 'error') throw refused(message);
  }
  throw guestLost('before it answered');
}
