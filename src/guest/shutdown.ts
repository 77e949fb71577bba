import { MvmError } from '../errors/mvm-error.ts';
import { connectChannel, type GuestAccess } from './channel/connect.ts';
import { refused } from './channel/failure.ts';

export interface ShutdownOptions {
  /** How long the guest's processes get between TERM and KILL, in milliseconds. */
  timeoutMs: number;
  /** The guest agreed. It takes so many milliseconds at most, it says; 0 where it does not say. */
  onStarted?: (withinMs: number) => void;
  signal?: AbortSignal;
}

/**
 * Asks the guest to power off. Resolves when it is about to, or when the stream ends after it agreed: the
 * machine may be gone before its last word arrives. The caller waits for the VMM's end. Throws GUEST_LOST
 * when it never agreed, GUEST_REFUSED, GUEST_PROTOCOL, the abort reason.
 */
export async function shutdownGuest(guest: GuestAccess, options: ShutdownOptions): Promise<void> {
  const open = { op: 'shutdown', timeoutMs: options.timeoutMs } as const;
  const channel = await connectChannel(guest, open, options.signal);
  let agreed = false;
  try {
    for await (const message of channel) {
      if (message.type === 'error') throw refused(message);
      if (message.type === 'started') {
        agreed = true;
        options.onStarted?.(message.fields.withinMs);
      }
    }
  } catch (error) {
    if (!(agreed && error instanceof MvmError && error.code === 'GUEST_LOST')) throw error;
  }
}
