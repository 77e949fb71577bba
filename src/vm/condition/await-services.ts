import { MvmError } from '../../errors/mvm-error.ts';
import { type Emit, phase } from '../../events/events.ts';
import { readLogs } from '../../guest/services/logs.ts';
import { followServices, type ServiceState, type Unit } from '../../guest/services/services.ts';
import { consoleTail, vmEnded } from '../state/console-tail.ts';
import type { RunningVm } from '../state/vm.ts';
import { guestAccess } from './guest.ts';
import { describeUnit, readiness } from './readiness.ts';

export interface AwaitOptions {
  emit: Emit;
  signal: AbortSignal;
  timeoutMs: number;
}

/** How many of the last lines of a log are evidence. */
const lastLines = 10;
/** How many units that are not ready are shown with their log. */
const shown = 3;

/**
 * Waits until all services and the entrypoint of a running VM are ready. Throws SERVICE_FAILED as soon as one will
 * not be any more, or after the timeout, with its name, its reason and the end of its log; GUEST_LOST, GUEST_PROTOCOL,
 * GUEST_REFUSED, the abort reason. The VM keeps running.
 */
export async function awaitServices(vm: RunningVm, options: AwaitOptions): Promise<void> {
  await phase(options.emit, 'services', `Waiting for the services of ${vm.name}`, async (progress) => {
    const guest = guestAccess(vm, options.emit);
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), options.timeoutMs);
    const settled = new AbortController();
    let settling: NodeJS.Timeout | undefined;
    let state: ServiceState | undefined;
    try {
      const signal = AbortSignal.any([options.signal, late.signal, settled.signal]);
      for await (state of followServices(guest, signal)) {
        clearTimeout(settling);
        const now = readiness(state);
        if (now.kind === 'failed') throw await ended(vm, now.unit, now.entrypoint, options.signal);
        if (now.kind === 'waiting') progress.status(now.for.map(({ name }) => name).join(', '));
        else if (now.settleMs === 0) return;
        else settling = setTimeout(() => settled.abort(), now.settleMs);
      }
    } catch (error) {
      options.signal.throwIfAborted();
      if (settled.signal.aborted) return;
      if (late.signal.aborted) throw await tooLate(vm, state, options);
      if (!(error instanceof MvmError) || error.code !== 'GUEST_LOST') throw error;
      throw await vmEnded(vm, 'while mvmctl waited for its services', error);
    } finally {
      clearTimeout(timer);
      clearTimeout(settling);
    }
  });
}

async function ended(vm: RunningVm, unit: Unit, entrypoint: boolean, signal: AbortSignal): Promise<MvmError> {
  const how = unit.message === '' ? `status ${unit.status}` : unit.message;
  const what = entrypoint
    ? `The entrypoint of '${vm.name}' has ended: ${how}.`
    : `The service ${unit.name} of '${vm.name}' has failed: ${how}.`;
  return new MvmError('SERVICE_FAILED', what, {
    details: await tailOf(vm, unit.name, signal),
    log: vm.paths.consoleLog,
    hint: entrypoint ? `mvmctl logs ${vm.name}` : `mvmctl stop ${vm.name}   (it is still running)`,
  });
}

async function tooLate(
  vm: RunningVm,
  state: ServiceState | undefined,
  { signal, timeoutMs }: AwaitOptions,
): Promise<MvmError> {
  const now = state === undefined ? undefined : readiness(state);
  const waiting = now?.kind === 'waiting' ? now.for : [];
  const details = waiting.map(describeUnit);
  // Those that wait for others have nothing to tell.
  for (const { name } of waiting.filter((unit) => unit.state !== 'waiting').slice(0, shown)) {
    for (const line of await tailOf(vm, name, signal)) details.push(`${name} | ${line}`);
  }
  return new MvmError(
    'SERVICE_FAILED',
    `'${vm.name}' is not ready after ${Math.round(timeoutMs / 1000)} seconds. It is still running.`,
    { details, hint: `mvmctl ps ${vm.name}` },
  );
}

/** The last lines of a log: of the guest's kernel and agent where the VM is gone already. */
async function tailOf(vm: RunningVm, service: string, signal: AbortSignal): Promise<string[]> {
  const guest = guestAccess(vm);
  const lines: string[] = [];
  try {
    await readLogs(guest, { service, tail: lastLines, signal }, (entries) => {
      for (const { text } of entries) lines.push(text.toString('utf8'));
    });
    return lines;
  } catch (error) {
    if (!(error instanceof MvmError) || signal.aborted) throw error;
    return consoleTail(vm.paths.consoleLog);
  }
}
