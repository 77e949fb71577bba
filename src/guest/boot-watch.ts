import { MvmError } from '../errors/mvm-error.ts';
import type { BootStage } from '../protocol/fields.ts';
import { connectChannel, type GuestAccess } from './channel/connect.ts';
import { guestLost, refused } from './channel/failure.ts';

/**
 * Follows the guest's boot on its event port until it is ready. Has no deadline: pass a `signal`. Throws
 * BOOT_FAILED with the stage and the guest's reason, GUEST_LOST when the stream ends, the abort reason.
 */
export async function watchBoot(
  guest: GuestAccess,
  onStage: (stage: BootStage, uptimeMs: number) => void,
  signal?: AbortSignal,
): Promise<{ uptimeMs: number }> {
  const channel = await connectChannel(guest, { op: 'boot' }, signal);
  for await (const message of channel) {
    if (message.type === 'error') throw refused(message);
    if (message.type !== 'event') continue;
    const event = message.event;
    if (event.event === 'stage') onStage(event.stage, event.uptimeMs);
    else if (event.event === 'ready') {
      await channel.close();
      return { uptimeMs: event.uptimeMs };
    } else {
      await channel.close();
      throw new MvmError('BOOT_FAILED', `The guest's boot failed (${event.stage}): ${event.message}`);
    }
  }
  throw guestLost('while it booted');
}
