import { MvmError } from '../../errors/mvm-error.ts';
import type { RunningVm } from '../../vm/state/vm.ts';
import type { Context } from '../context.ts';

/** The guest's last word comes before its VMM is gone, in milliseconds. */
const endMs = 10_000;

/** Runs what goes on until Ctrl-C or until the VM stops, which are both regular ends. Throws what `work` throws else. */
export async function untilStopped(
  context: Context,
  vm: RunningVm,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (context.signal.aborted) return;
    if (!(error instanceof MvmError) || error.code !== 'GUEST_LOST') throw error;
    const { waitForEnd } = await import('../../process/terminate.ts');
    if (!(await waitForEnd(vm.vmm, endMs))) throw error;
    context.emit({ type: 'note', level: 'info', text: `${vm.name} has stopped.` });
  }
}
