import { Writable } from 'node:stream';
import { MvmError } from '../../errors/mvm-error.ts';
import { type Emit, phase } from '../../events/events.ts';
import { execInGuest } from '../../guest/exec/exec.ts';
import { guestAccess } from '../../vm/condition/guest.ts';
import type { RunningVm } from '../../vm/state/vm.ts';
import { byLine } from './by-line.ts';
import { builderFailed } from './failure.ts';
import { keepTail } from './job.ts';

/** Statuses of mvm-prepare: the machine is powering off (EX_TEMPFAIL of sysexits.h); its store can't be used. */
const tooLate = 75;
const beyondUse = 76;

export interface PrepareOptions {
  idleSeconds: number;
  emit: Emit;
  signal: AbortSignal;
}

export type Prepared =
  /** `lost`: paths that the end of the machine before had damaged, and that are removed. */
  | { state: 'ready'; lost: readonly string[] }
  /** The builder was idle for too long and is powering off. */
  | { state: 'leaving' }
  /** Its store is damaged beyond use; the last words on it. */
  | { state: 'damaged'; lines: readonly string[] };

/**
 * Mounts the store where that is still to be done, checks it if the previous VM was killed, and restarts the
 * countdown to the power-off. Throws BUILDER_FAILED.
 */
export async function prepare(vm: RunningVm, options: PrepareOptions): Promise<Prepared> {
  const { idleSeconds, emit, signal } = options;
  const guest = guestAccess(vm, emit);
  const tail = keepTail();
  const lost: string[] = [];
  const check = checkPhase(emit);
  const lines = byLine((line) => {
    if (line === 'checking') check.begin();
    if (line.startsWith('lost /')) lost.push(line.slice('lost '.length));
  });
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      tail.take(chunk);
      lines.take(chunk);
      done();
    },
  });
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
    if (status === 0) return { state: 'ready', lost };
    if (status === tooLate) return { state: 'leaving' };
    const said = tail.lines(5);
    if (status === beyondUse) return { state: 'damaged', lines: said };
    const error = builderFailed('The builder VM could not be made ready', status, said);
    if (error.code === 'STORE_DAMAGED') return { state: 'damaged', lines: said };
    throw error;
  } catch (error) {
    signal.throwIfAborted();
    const gone = error instanceof MvmError && ['GUEST_LOST', 'VM_NOT_RUNNING'].includes(error.code);
    if (gone) return { state: 'leaving' };
    throw error;
  } finally {
    check.end();
  }
}

/** The check as a phase: it is there only where there is one. */
function checkPhase(emit: Emit): { begin(): void; end(): void } {
  let end = () => {};
  return {
    begin() {
      const ended = new Promise<void>((resolve) => {
        end = resolve;
      });
      void phase(emit, 'check', 'Checking the builder’s store, because its VM was killed', () => ended);
    },
    end: () => end(),
  };
}
