import type { ServiceState } from '../../protocol/fields.ts';
import { askGuest } from '../channel/ask.ts';
import { connectChannel, type GuestAccess } from '../channel/connect.ts';
import { refused } from '../channel/failure.ts';

export type { HealthCheck, ServiceState, Unit } from '../../protocol/fields.ts';

/** Asks how services, entrypoint and health checks are. Throws GUEST_LOST, GUEST_PROTOCOL, GUEST_REFUSED, the abort reason. */
export function guestServices(guest: GuestAccess, signal?: AbortSignal): Promise<ServiceState> {
  return askGuest(guest, { op: 'services', follow: false }, signal);
}

/**
 * The state now and after each change, until the consumer stops iterating (which ends the operation). Throws what
 * `guestServices` throws; GUEST_LOST where the VM ends.
 */
export async function* followServices(
  guest: GuestAccess,
  signal?: AbortSignal,
): AsyncGenerator<ServiceState, void, undefined> {
  const channel = await connectChannel(guest, { op: 'services', follow: true }, signal);
  for await (const message of channel) {
    if (message.type === 'error') throw refused(message);
    if (message.type === 'event') yield message.event;
  }
}
