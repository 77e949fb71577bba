import { setTimeout as delay } from 'node:timers/promises';
import type { Emit } from '../events/events.ts';
import { writeAtomic } from '../state/write.ts';
import { guestAccess } from './condition/guest.ts';
import { createLogKeeper } from './state/kept-logs.ts';
import { imageHasUnits } from './state/services-of-image.ts';
import type { RunningVm } from './state/vm.ts';

/** So many of the last lines of each service; what it writes while it stops comes on top. */
const lines = 2000;
/** How long a stop waits for logs, in milliseconds: until they begin to come, and for the rest once the VM is gone. */
const patienceMs = 2000;

export interface Keeping {
  /** Writes what has come, whatever became of the guest. */
  end(): Promise<void>;
}

/**
 * Follows the logs of a VM's services, which the guest keeps in its memory, while it shuts down, and keeps them in the
 * VM's folder. Resolves when they begin to come, or won't: a stop fails for none of this.
 */
export async function keepServiceLogs(vm: RunningVm, emit: Emit): Promise<Keeping> {
  if (!(await imageHasUnits(vm.boot))) return { end: async () => {} };
  const { copyLogs } = await import('../guest/services/logs.ts');
  const keeper = createLogKeeper();
  const stop = new AbortController();
  const started = Promise.withResolvers<void>();
  const query = { follow: true, tail: lines, each: true, signal: stop.signal };
  const copied = copyLogs(guestAccess(vm), query, {
    onStarted: started.resolve,
    onBytes: keeper.take,
  }).then(
    () => {},
    // The VM's end is how it ends.
    (error: unknown) => emit({ type: 'debug', text: `logs of services: ${String(error)}` }),
  );
  const late = () => delay(patienceMs, undefined, { ref: false });
  await Promise.race([started.promise, copied, late()]);
  return {
    async end() {
      await Promise.race([copied, late()]);
      stop.abort();
      const text = keeper.text();
      if (text.length === 0) return;
      await writeAtomic(vm.paths.serviceLogs, text).catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        emit({
          type: 'note',
          level: 'warn',
          text: `The logs of ${vm.name}'s services could not be kept: ${why}`,
        });
      });
    },
  };
}
