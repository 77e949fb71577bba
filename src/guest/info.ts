import type { GuestInfo } from '../protocol/fields.ts';
import { askGuest } from './ask.ts';
import type { Connect } from './connect.ts';

export type { GuestInfo } from '../protocol/fields.ts';

/** Asks the agent about the guest. Throws GUEST_LOST, GUEST_PROTOCOL, GUEST_REFUSED, the abort reason. */
export function guestInfo(connect: Connect, key: Buffer, signal?: AbortSignal): Promise<GuestInfo> {
  return askGuest(connect, key, { op: 'info' }, signal);
}
