import { backendByName } from '../../backend/registry.ts';
import { waitForEnd } from '../../process/terminate.ts';
import type { Vm } from '../state/vm.ts';

/** How long a template whose host is gone takes to power off, and some more, in milliseconds. */
const endMs = 3000;

/**
 * Whether a VM was being resumed by a mvmctl that was killed before the guest knew which VM it is: nothing of it has run. Such a
 * guest never ran on, or powers itself off; one that stays was told, and comes up as any other. The caller holds the VM's lock.
 */
export async function isHalfResumed({ status, boot, vmm }: Vm): Promise<boolean> {
  if (status !== 'starting' || boot?.template === undefined || vmm === undefined) return false;
  const state = await backendByName(boot.backend).runState(vmm, boot.runtimeDir);
  return state === 'paused' || (await waitForEnd(vmm, endMs));
}
