import { MvmError } from '../../errors/mvm-error.ts';
import { signOfLife } from '../../guest/sign-of-life.ts';
import { isAlive } from '../../process/identity.ts';
import { waitForEnd } from '../../process/terminate.ts';
import type { RunningVm } from '../state/vm.ts';
import { guestAccess } from './guest.ts';
import type { Silence } from './silence.ts';

/** How a VM whose VMM lives really is. */
export type Liveness =
  | { is: 'answering' }
  /** It is on its way to power off. */
  | { is: 'stopping' }
  | { is: 'silent'; silence: Silence }
  | { is: 'ended' };

/** A guest that takes longer counts as silent, in milliseconds. */
const answerMs = 3000;
/** From the last byte of a VMM that ends to its end. */
const endMs = 500;

/** Asks the guest. Takes three seconds at most, and some milliseconds where all is well. */
export async function liveness(vm: RunningVm, signal?: AbortSignal): Promise<Liveness> {
  const late = AbortSignal.timeout(answerMs);
  const asked = new Date();
  try {
    const until = signal === undefined ? late : AbortSignal.any([signal, late]);
    const { stopping } = await signOfLife(guestAccess(vm), until);
    return { is: stopping ? 'stopping' : 'answering' };
  } catch (error) {
    signal?.throwIfAborted();
    if (late.aborted) {
      if (!(await isAlive(vm.vmm))) return { is: 'ended' };
      return silent(vm, asked);
    }
    if (!(error instanceof MvmError)) throw error;
    if (await waitForEnd(vm.vmm, endMs)) return { is: 'ended' };
    // An answer that is not our protocol is not silence: the command that needs it reports what is wrong.
    if (error.code === 'GUEST_PROTOCOL') return { is: 'answering' };
    return silent(vm, asked);
  }
}

/** The backend, which has to be loaded for this, says why the guest is silent. */
async function silent(vm: RunningVm, asked: Date): Promise<Liveness> {
  const { explainSilence } = await import('./silence.ts');
  return { is: 'silent', silence: await explainSilence(vm, asked) };
}
