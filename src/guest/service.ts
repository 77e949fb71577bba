import type { Unit } from '../protocol/fields.ts';
import type { ServiceAction } from '../protocol/host-messages.ts';
import { type Connect, connectChannel } from './connect.ts';
import { guestLost, refused } from './failure.ts';

/**
 * Starts, stops or restarts a service; resolves when it is ready, or has stopped. How long that takes is the
 * service's affair: pass a `signal` for a limit. What was asked for goes on in the guest where the host leaves.
 * Throws SERVICE_NOT_FOUND, SERVICE_FAILED with the end of its log, GUEST_REFUSED (a sealed guest's agent does not
 * offer this), GUEST_LOST, GUEST_PROTOCOL, the abort reason.
 */
export async function controlService(
  connect: Connect,
  key: Buffer,
  request: { name: string; action: ServiceAction },
  signal?: AbortSignal,
): Promise<Unit> {
  const channel = await connectChannel(connect, key, { op: 'service', ...request }, signal);
  for await (const message of channel) {
    if (message.type === 'result') return message.fields;
    if (message.type === 'error') throw refused(message);
  }
  throw guestLost('before it answered');
}
