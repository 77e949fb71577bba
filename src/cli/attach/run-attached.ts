import { constants } from 'node:os';
import { MvmError } from '../../errors/mvm-error.ts';
import type { MvmEvent } from '../../events/events.ts';
import { attachEntrypoint } from '../../guest/services/entrypoint.ts';
import { guestAccess } from '../../vm/condition/guest.ts';
import { vmEnded } from '../../vm/state/console-tail.ts';
import type { RunningVm } from '../../vm/state/vm.ts';
import { stopVm } from '../../vm/stop.ts';
import type { Context } from '../context.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type Cause = (typeof signals)[number] | 'SIGPIPE';

/**
 * Shows the output of the VM's entrypoint until that ends, and sees the VM off. The run ends with its terminal: INT,
 * TERM, HUP and an output that can't be written stop the VM properly, a second signal ends it at once.
 * @returns the entrypoint's exit status; 128 + n where it was ended by force after signal n, 141 without a reader
 */
export async function runAttached(context: Context, vm: RunningVm): Promise<number> {
  const guest = guestAccess(vm, context.emit);
  if (context.stderr.isTTY) context.emit({ type: 'note', level: 'info', text: `Ctrl-C stops ${vm.name}.` });
  context.endProgress();
  context.takeSignals();
  const stop = createStop(context, vm);
  const handlers = signals.map((name) => ({ name, handler: () => stop.ask(name) }));
  for (const { name, handler } of handlers) process.on(name, handler);
  const { stdout, stderr } = context;
  try {
    const result = await attachEntrypoint(guest, {
      stdout,
      stderr,
      onBrokenPipe: () => stop.ask('SIGPIPE'),
    });
    await stop.finish();
    return stop.cause() === 'SIGPIPE' ? statusOf('SIGPIPE') : result.status;
  } catch (error) {
    const cause = stop.cause();
    if (cause === undefined) {
      // Its output has nowhere to go any more, as with a reader that went away.
      if (error instanceof MvmError && error.code === 'STATE_WRITE') await stop.finish();
      if (!(error instanceof MvmError) || error.code !== 'GUEST_LOST') throw error;
      throw await vmEnded(vm, 'before its entrypoint did', error);
    }
    await stop.finish();
    return statusOf(cause);
  } finally {
    for (const { name, handler } of handlers) process.off(name, handler);
  }
}

const statusOf = (name: Cause): number => 128 + constants.signals[name];

/** The end of an attached run: asked for once, forced the second time. */
function createStop(context: Context, { name }: RunningVm) {
  const { paths } = context;
  let cause: Cause | undefined;
  let work: Promise<unknown> | undefined;
  const patience = new AbortController();
  /** The program still writes to the terminal: nothing may be drawn over. */
  const emit = (event: MvmEvent): void => {
    if (event.type === 'status')
      context.emit({ type: 'note', level: 'info', text: `${name}: ${event.text}.` });
    else if (event.type === 'note' || event.type === 'debug') context.emit(event);
  };
  const force = () => stopVm(name, { paths, emit, signal: new AbortController().signal, force: true });
  return {
    cause: () => cause,
    ask(by: Cause): void {
      if (cause === undefined) {
        cause = by;
        if (by === 'SIGINT' && context.stderr.isTTY) context.stderr.write('\n');
        if (by === 'SIGINT' || by === 'SIGTERM')
          emit({
            type: 'note',
            level: 'info',
            text: `Stopping ${name} … Press Ctrl-C again to stop it at once.`,
          });
        work = stopVm(name, { paths, emit, signal: patience.signal }).catch((error: unknown) => {
          if (!patience.signal.aborted) throw error;
          return force();
        });
        work.catch(() => {}); // told by finish()
      } else if (by !== 'SIGPIPE') patience.abort();
    },
    /** The VM is off, and nothing of its boot is left. */
    async finish(): Promise<void> {
      work ??= stopVm(name, { paths, emit: context.emit, signal: patience.signal });
      await work;
    },
  };
}
