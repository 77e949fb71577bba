import { type Emit, silent } from '../../events/events.ts';
import type { GuestAccess } from '../../guest/channel/connect.ts';
import type { RunningVm } from '../state/vm.ts';

export interface FollowOnNotice {
  /** What the access to the guest needs for it; nothing for a VM whose ports are not followed. */
  access: Pick<GuestAccess, 'onNotice'>;
  /** Resolves when what was begun is done. */
  settled(): Promise<void>;
}

/**
 * Has a VM's ports followed once something listens in it, or a program that ends leaves something that may. Never fails: the
 * next notice tries again.
 */
export function followOnNotice(vm: RunningVm, emit: Emit = silent): FollowOnNotice {
  let work = Promise.resolve();
  let isStarting = false;
  if (!vm.boot.follow) return { access: {}, settled: () => work };
  const start = async (): Promise<void> => {
    isStarting = true;
    const { startFollowing } = await import('../../companion/start.ts');
    await startFollowing(vm).catch((error: unknown) =>
      emit({ type: 'debug', text: `the ports are not followed: ${String(error)}` }),
    );
    isStarting = false;
  };
  return {
    access: {
      onNotice({ listeners, left }) {
        // However many notices a guest sends, one start is enough.
        if (!isStarting && (listeners.length > 0 || left)) work = start();
      },
    },
    settled: () => work,
  };
}
