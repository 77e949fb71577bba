import { setTimeout as delay } from 'node:timers/promises';
import { ensureCompanion } from '../../companion/start.ts';
import { MvmError } from '../../errors/mvm-error.ts';
import { type Emit, phase } from '../../events/events.ts';
import type { RunningVm } from '../state/vm.ts';

/** How often it is tried, in milliseconds: that a program begins to listen is no event of the kernel's. */
const tryMs = 200;

/**
 * Returns when something in the VM accepts connections on each of these ports.
 * @throws MvmError SERVICE_FAILED where that does not come in time; COMPANION_FAILED
 */
export async function awaitPorts(
  vm: RunningVm,
  ports: readonly number[],
  { emit, signal, timeoutMs }: { emit: Emit; signal: AbortSignal; timeoutMs: number },
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  const companion = await ensureCompanion(vm, signal);
  try {
    await phase(emit, 'wait', `Waiting for port ${ports.join(', ')}`, async () => {
      for (const port of ports) {
        while (!(await companion.accepts(port))) {
          signal.throwIfAborted();
          if (performance.now() > deadline) throw nothingListens(vm, port);
          await delay(tryMs, undefined, { signal }).catch(() => {});
        }
      }
    });
  } finally {
    companion.close();
  }
}

function nothingListens({ name }: RunningVm, port: number): MvmError {
  return new MvmError('SERVICE_FAILED', `Nothing listens on port ${port} of '${name}'; it runs on.`, {
    hint: `mvmctl logs ${name}   (or a longer --wait-timeout)`,
  });
}
