import { isRunning, type Vm, type VmStatus } from '../state/vm.ts';

/** A VM's status with what its guest says, as people see it. */
export interface Condition {
  status: VmStatus;
  /** Since when it is not as it should be. */
  since?: Date;
  /** Why, without the VM's name, and a command that helps. */
  reason?: string;
  hint?: string;
}

/** The real condition of a VM: a running one is asked. Takes three seconds at most, and a few milliseconds if all is well. */
export async function conditionOf(vm: Vm, signal?: AbortSignal): Promise<Condition> {
  if (!isRunning(vm)) return { status: vm.status };
  // Loaded on use: a listing of VMs that are stopped connects to none.
  const { liveness } = await import('./liveness.ts');
  const now = await liveness(vm, signal);
  switch (now.is) {
    case 'answering':
      return { status: 'running' };
    case 'stopping':
      return { status: 'stopping' };
    case 'ended':
      return { status: 'stopped' };
    case 'silent': {
      const { state, since, words, hint } = now.silence;
      const isPaused = state === 'paused' || state.startsWith('host-');
      return { status: isPaused ? 'paused' : 'not responding', since, reason: words, hint };
    }
  }
}
