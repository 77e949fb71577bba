import { phase } from '../../events/events.ts';
import { waitForEnd } from '../../process/terminate.ts';
import { isRunning, type RunningVm, type Vm } from '../state/vm.ts';
import type { Surroundings } from '../surroundings.ts';
import { type Liveness, liveness } from './liveness.ts';
import { silenceError } from './silence.ts';

/** How often a VM that is stopping is asked whether it still is, in milliseconds. */
const askMs = 5000;
/** So often in a row without an answer, and it will not end on its own. */
const unanswered = 3;

/**
 * Whether a VM whose VMM lives is on its way to power off; then it is gone when this resolves. No command attaches to a
 * machine that is shutting down, or reports it as running.
 * @throws MvmError GUEST_SILENT for a frozen one, the abort reason
 */
export async function isLeaving(vm: Vm, options: Pick<Surroundings, 'emit' | 'signal'>): Promise<boolean> {
  if (!isRunning(vm)) return false;
  const now = await settled(vm, options.signal);
  if (now.is === 'answering') return false;
  if (now.is === 'silent') throw silenceError(vm, now.silence);
  if (now.is === 'stopping') await awaitEnd(vm, options);
  return true;
}

/** A VM that was paused for want of space, and has it again, runs on in a moment. */
async function settled(vm: RunningVm, signal: AbortSignal): Promise<Liveness> {
  const now = await liveness(vm, signal);
  const mayRunOn = now.is === 'silent' && now.silence.state.startsWith('host-');
  return mayRunOn ? liveness(vm, signal) : now;
}

function awaitEnd(vm: RunningVm, { emit, signal }: Pick<Surroundings, 'emit' | 'signal'>): Promise<void> {
  return phase(emit, 'stop', `Waiting for ${vm.name} to stop`, async () => {
    for (let silent = 0; !(await waitForEnd(vm.vmm, askMs, signal)); ) {
      const now = await liveness(vm, signal);
      silent = now.is === 'silent' ? silent + 1 : 0;
      if (now.is === 'silent' && silent >= unanswered) throw silenceError(vm, now.silence);
    }
  });
}
