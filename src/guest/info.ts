import type { GuestInfo } from '../protocol/fields.ts';
import { askGuest } from './channel/ask.ts';
import type { GuestAccess } from './channel/connect.ts';

export type { GuestInfo } from '../protocol/fields.ts';

/** Asks the agent about the guest. Throws GUEST_LOST, GUEST_PROTOCOL, GUEST_REFUSED, the abort reason. */
export function guestInfo(guest: GuestAccess, signal?: AbortSignal): Promise<GuestInfo> {
  return askGuest(guest, { op: 'info' }, signal);
}
