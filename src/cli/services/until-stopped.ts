import { MvmError } from '../../errors/mvm-error.ts';
import type { RunningVm } from '../../vm/state/vm.ts';
import type { Context } from '../context.ts';

/** The guest's last word comes before its VMM is gone, in milliseconds. */
const endMs = 10_000;

/**
 * Runs work that continues until Ctrl-C or until the VM stops, both of which are normal ends; it may also resolve on its own
 * when the VM is about to stop. Throws any other error of `work`.
 */
export async function untilStopped(
  context: Context,
  vm: RunningVm,
  work: () => Promise<void>,
): Promise<void> {
  const failed = await work().then(
    () => undefined,
    (error: unknown) => error,
  );
  if (context.signal.aborted) return;
  if (failed !== undefined && !(failed instanceof MvmError && failed.code === 'GUEST_LOST')) throw failed;
  const { waitForEnd } = await import('../../process/terminate.ts');
  if (await waitForEnd(vm.vmm, endMs))
    context.emit({ type: 'note', level: 'info', text: `${vm.name} has stopped.` });
  else if (failed !== undefined) throw failed;
}
