import type { Companion } from '../../companion/client.ts';
import { ensureCompanion } from '../../companion/start.ts';
import type { Emit } from '../../events/events.ts';
import type { RunningVm } from '../state/vm.ts';

/**
 * The companion of a VM for a command that a person waits for: where an answer takes long because the VM is paused or
 * frozen, it says so. Throws COMPANION_FAILED, STATE_WRITE.
 */
export function companionOf(
  vm: RunningVm,
  { emit, signal }: { emit: Emit; signal: AbortSignal },
): Promise<Companion> {
  const onSlow = (): void =>
    void import('./silence.ts').then(({ tellStopped }) => tellStopped(vm, emit)).catch(() => {});
  return ensureCompanion(vm, signal, onSlow);
}
