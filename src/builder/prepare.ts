import { PassThrough } from 'node:stream';
import { MvmError } from '../errors/mvm-error.ts';
import type { Emit } from '../events/events.ts';
import { execInGuest } from '../guest/exec.ts';
import { guestAccess } from '../vm/guest.ts';
import type { RunningVm } from '../vm/vm.ts';
import { builderFailed } from './failure.ts';
import { keepTail } from './job.ts';

/** Status of mvm-prepare where the machine is powering off (EX_TEMPFAIL of sysexits.h). */
const tooLate = 75;

/**
 * Mounts the store where that is still to be done and starts the count to the power-off anew. `leaving`: the
 * builder was idle for too long and is powering off. Throws BUILDER_FAILED.
 */
export async function prepare(
  vm: RunningVm,
  idleSeconds: number,
  { signal, emit }: { signal: AbortSignal; emit: Emit },
): Promise<'ready' | 'leaving'> {
  const guest = guestAccess(vm, emit);
  const tail = keepTail();
  const output = new PassThrough();
  output.on('data', tail.take);
  try {
    const { status } = await execInGuest(guest, {
      argv: ['mvm-prepare', String(idleSeconds)],
      tty: false,
      stdin: null,
      stdout: output,
      stderr: output,
      signals: null,
      signal,
    });
    if (status === 0) return 'ready';
    if (status === tooLate) return 'leaving';
    throw unusable(status, tail.lines(5), vm);
  } catch (error) {
    signal.throwIfAborted();
    const gone = error instanceof MvmError && ['GUEST_LOST', 'VM_NOT_RUNNING'].includes(error.code);
    if (gone) return 'leaving';
    throw error;
  }
}

function unusable(status: number, lines: string[], vm: RunningVm): MvmError {
  if (!lines.some((line) => line.includes('mount:'))) {
    return builderFailed('The builder VM could not be made ready', status, lines);
  }
  return new MvmError('BUILDER_FAILED', `The builder’s store can’t be mounted (${vm.paths.disk}).`, {
    details: lines,
    log: vm.paths.consoleLog,
    hint: 'mvmctl builder reset   (empties the store; what is needed is built again)',
  });
}
