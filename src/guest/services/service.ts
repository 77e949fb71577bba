import type { Unit } from '../../protocol/fields.ts';
import type { ServiceAction } from '../../protocol/host-messages.ts';
import { askGuest } from '../channel/ask.ts';
import type { GuestAccess } from '../channel/connect.ts';

/**
 * Starts, stops or restarts a service; resolves when it is ready, or has stopped. How long that takes is the
 * service's affair: pass a `signal` for a limit. What was asked for goes on in the guest where the host leaves.
 * Throws SERVICE_NOT_FOUND, SERVICE_FAILED with the end of its log, GUEST_REFUSED (a sealed guest's agent does not
 * offer this), GUEST_LOST, GUEST_PROTOCOL, the abort reason.
 */
export function controlService(
  guest: GuestAccess,
  request: { name: string; action: ServiceAction },
  signal?: AbortSignal,
): Promise<Unit> {
  return askGuest(guest, { op: 'service', ...request }, signal);
}
