import { guestAccess } from '../../vm/condition/guest.ts';
import type { RunningVm } from '../../vm/state/vm.ts';
import type { Context } from '../context.ts';
import { oneLine } from '../render/untrusted.ts';

/**
 * Says so if the VM keeps running although its program has ended, or never started. Throws GUEST_LOST,
 * GUEST_PROTOCOL, GUEST_REFUSED, the abort reason.
 */
export async function tellEnded(context: Pick<Context, 'emit' | 'signal'>, vm: RunningVm): Promise<void> {
  if (vm.boot.entrypointKind !== 'command') return;
  const { followServices } = await import('../../guest/services/services.ts');
  const { hasEnded } = await import('../../vm/condition/readiness.ts');
  const guest = guestAccess(vm, context.emit);
  for await (const { entrypoint } of followServices(guest, context.signal)) {
    // It is about to run, or not to: a matter of milliseconds.
    if (entrypoint?.state === 'starting') continue;
    if (entrypoint === null || !hasEnded(entrypoint)) return;
    const how = entrypoint.message === '' ? 'without an error message' : oneLine(entrypoint.message);
    const text = `The entrypoint of '${vm.name}' has ended (status ${entrypoint.status}): ${how}. The VM keeps running.`;
    context.emit({ type: 'note', level: 'warn', text });
    return;
  }
}
