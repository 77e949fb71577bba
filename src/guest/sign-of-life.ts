import { MvmError } from '../errors/mvm-error.ts';
import { createOpening } from '../protocol/preamble.ts';
import type { GuestAccess } from './channel/connect.ts';
import { guestLost } from './channel/failure.ts';

export interface SignOfLife {
  /** The machine is on its way to power off. */
  stopping: boolean;
}

/**
 * Has the guest show that it has the key, and asks nothing more: half of what a question takes. Throws GUEST_LOST,
 * GUEST_PROTOCOL, the abort reason, and what `connect` throws.
 */
export async function signOfLife(guest: GuestAccess, signal: AbortSignal): Promise<SignOfLife> {
  const stream = await guest.connect('question', signal);
  const abort = () => stream.destroy();
  signal.addEventListener('abort', abort);
  try {
    const opening = createOpening(guest.key, () => {});
    stream.write(opening.first);
    for await (const chunk of stream) {
      if (opening.feed(chunk as Buffer) !== undefined) return { stopping: opening.stopping };
    }
    throw guestLost('before it answered');
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof MvmError ? error : guestLost('before it answered', error);
  } finally {
    signal.removeEventListener('abort', abort);
    stream.destroy();
  }
}
