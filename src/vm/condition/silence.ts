import type { RunState } from '../../backend/backend.ts';
import { backendByName } from '../../backend/registry.ts';
import { MvmError } from '../../errors/mvm-error.ts';
import type { Emit } from '../../events/events.ts';
import type { RunningVm } from '../state/vm.ts';
import { resumeWhenSpace } from './resume.ts';
import { forgetSilence, noteSilence } from './silence-mark.ts';

type SilentVm = Pick<RunningVm, 'boot' | 'name' | 'vmm' | 'paths'>;

/** A guest that does not answer, and why, as far as the host can tell. */
export interface Silence {
  state: RunState;
  /** When that was noticed first. */
  since: Date;
  /** In words, without the VM's name: "is paused: …". */
  words: string;
  /** A command. */
  hint: string;
}

/** Why a guest does not answer, as the host sees it. A VM that waits for space on the host's disk is looked after. */
export async function explainSilence(vm: SilentVm, lastHeard: Date): Promise<Silence> {
  const state = await backendByName(vm.boot.backend).runState(vm.vmm, vm.boot.runtimeDir);
  const since = noteSilence(vm.boot.runtimeDir, lastHeard);
  const end = `mvmctl stop --force ${vm.name}`;
  switch (state) {
    case 'host-disk-full':
      return {
        state,
        since,
        words: `is paused: the host's disk is full (${vm.paths.dir}); ${await goesOn(vm, 'there is space')}`,
        hint: `df -h ${vm.paths.dir}`,
      };
    case 'host-write-failed':
      return {
        state,
        since,
        words: `is paused: the host can't write its disk (${vm.paths.disk}: a quota, or a failing disk); ${await goesOn(vm, 'that works')}`,
        hint: `quota; dmesg | tail`,
      };
    case 'paused':
      return { state, since, words: 'is paused: it was stopped through its VMM', hint: end };
    case 'stopped':
      return {
        state,
        since,
        words: `is frozen: its VMM (process ${vm.vmm.pid}) was stopped by a signal`,
        hint: `kill -CONT ${vm.vmm.pid}`,
      };
    case 'unknown':
      return {
        state,
        since,
        words: `does not answer, and neither does its VMM (process ${vm.vmm.pid})`,
        hint: end,
      };
    case 'running':
      return { state, since, words: 'does not answer: its guest is hung or very busy', hint: end };
  }
}

/** Takes care of a VM that waits for its host's disk, and returns a message about what will happen to it. */
async function goesOn(vm: SilentVm, when: string): Promise<string> {
  const itself = await resumeWhenSpace(vm);
  return itself
    ? `it will continue on its own, losing nothing, once ${when}`
    : `once ${when}, the next mvmctl command lets it continue, losing nothing`;
}

export const timeOf = (date: Date): string => date.toTimeString().slice(0, 8);

/** As an error of a command that needs the guest. */
export function silenceError(vm: SilentVm, { since, words, hint }: Silence): MvmError {
  return new MvmError('GUEST_SILENT', `VM '${vm.name}' ${words} (since ${timeOf(since)}).`, { hint });
}

/** A command that waits for the guest says so, and when that is over. */
export async function tellSilence(vm: SilentVm, isSilent: boolean, emit: Emit): Promise<void> {
  if (!isSilent) {
    forgetSilence(vm.boot.runtimeDir);
    emit({ type: 'note', level: 'info', text: `VM '${vm.name}' answers again.` });
    return;
  }
  await tellWaiting(vm, emit);
}

/** As `tellSilence`, of a VM that is paused or frozen; one that runs may only be slow. */
export async function tellStopped(vm: SilentVm, emit: Emit): Promise<void> {
  const state = await backendByName(vm.boot.backend).runState(vm.vmm, vm.boot.runtimeDir);
  if (state !== 'running') await tellWaiting(vm, emit);
}

async function tellWaiting(vm: SilentVm, emit: Emit): Promise<void> {
  const { words, hint } = await explainSilence(vm, new Date(Date.now() - 3000));
  emit({ type: 'note', level: 'warn', text: `VM '${vm.name}' ${words}. Waiting … (${hint})` });
}
