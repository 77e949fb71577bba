import type { Readable } from 'node:stream';
import { Writable } from 'node:stream';
import { MvmError } from '../../errors/mvm-error.ts';
import type { Emit } from '../../events/events.ts';
import { execInGuest } from '../../guest/exec/exec.ts';
import { guestAccess } from '../../vm/condition/guest.ts';
import type { RunningVm } from '../../vm/state/vm.ts';

export interface JobOptions {
  stdin?: Readable;
  onStdout?: (chunk: Buffer) => void;
  onStderr?: (chunk: Buffer) => void;
  /** Gets the output instead of `onStdout`, and slows the job down where it takes none. */
  stdout?: Writable;
  /** On abort the job's processes get HUP and, two seconds later, KILL. */
  signal: AbortSignal;
  /** Called when the builder stalls, for example because the host's disk is full. */
  emit?: Emit;
  env?: Readonly<Record<string, string>>;
  cwd?: string;
}

function sink(take: ((chunk: Buffer) => void) | undefined): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      take?.(chunk);
      done();
    },
  });
}

/**
 * Runs a program in the builder, which is not idle meanwhile; resolves to its exit status. Throws
 * BUILDER_FAILED where the builder ends first, CHANNELS_BUSY, EXEC_NOT_FOUND, GUEST_PROTOCOL, and the
 * signal's reason.
 */
export async function runJob(vm: RunningVm, argv: readonly string[], options: JobOptions): Promise<number> {
  const guest = guestAccess(vm, options.emit);
  try {
    const { status } = await execInGuest(guest, {
      argv: ['mvm-job', ...argv],
      tty: false,
      stdin: options.stdin ?? null,
      stdout: options.stdout ?? sink(options.onStdout),
      stderr: sink(options.onStderr),
      signals: null,
      signal: options.signal,
      ...(options.env === undefined ? {} : { env: options.env }),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    return status;
  } catch (error) {
    options.signal.throwIfAborted();
    throw lostBuilder(error, vm);
  }
}

/** Runs a short program in the builder: its status, what it printed, and its last words on stderr. Throws as `runJob`. */
export async function askJob(
  vm: RunningVm,
  argv: readonly string[],
  signal: AbortSignal,
): Promise<{ status: number; output: string; said: string[] }> {
  const output: Buffer[] = [];
  const tail = keepTail();
  const onStdout = (chunk: Buffer) => output.push(chunk);
  const status = await runJob(vm, argv, { onStdout, onStderr: tail.take, signal });
  return { status, output: Buffer.concat(output).toString('utf8'), said: tail.lines(5) };
}

/** A builder that is gone in the middle of a job was killed, or had not enough memory. */
function lostBuilder(error: unknown, vm: Pick<RunningVm, 'paths'>): unknown {
  const gone = ['GUEST_LOST', 'VM_NOT_RUNNING'];
  if (!(error instanceof MvmError && gone.includes(error.code))) return error;
  return new MvmError('BUILDER_FAILED', 'The builder VM ended in the middle of a job.', {
    cause: error,
    log: vm.paths.consoleLog,
    hint: 'run the same command again   (it continues with what is in the store)',
  });
}

/** The end of what a program wrote, for an error's details. */
export function keepTail(limit = 4096): {
  take: (chunk: Buffer) => void;
  lines: (count: number) => string[];
} {
  let text = Buffer.alloc(0);
  return {
    take(chunk) {
      text = Buffer.concat([text, chunk]);
      if (text.length > 2 * limit) text = text.subarray(text.length - limit);
    },
    lines: (count) =>
      text
        .toString('utf8')
        .split('\n')
        .filter((line) => line.trim() !== '')
        .slice(-count),
  };
}
