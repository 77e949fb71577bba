import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { backendByName, defaultBackend } from '../backend/registry.ts';
import { endCompanion } from '../companion/end.ts';
import type { ErrorCode } from '../errors/codes.ts';
import { writeError } from '../errors/file-error.ts';
import { MvmError, systemCode } from '../errors/mvm-error.ts';
import { type Emit, type Phase, phase } from '../events/events.ts';
import type { ProcessIdentity } from '../process/identity.ts';
import { waitForEnd } from '../process/terminate.ts';
import { acquireLock } from '../state/lock.ts';
import type { Paths } from '../state/paths.ts';
import { guestAccess } from './condition/guest.ts';
import { runOn } from './condition/resume.ts';
import { type Keeping, keepServiceLogs } from './keep-logs.ts';
import { findAnyVmm } from './state/find-vmm.ts';
import { bootRecords } from './state/record.ts';
import { isRunning, loadVm, type RunningVm, type Vm } from './state/vm.ts';

/**
 * Milliseconds that the guest's processes get to end beyond those that it supervises, and that it may take to
 * power off when they have.
 */
const graceMs = 10_000;
const powerOffMs = 5_000;
/** A guest that says it takes longer is not believed. */
const longestMs = 3_600_000;
/** How often it is looked whether the host lets the guest write. */
const lookMs = 3000;
/** A stop that may take longer says so. */
const noticeableMs = 20_000;

export interface StopOptions {
  paths: Paths;
  emit: Emit;
  signal: AbortSignal;
  /** Don't ask the guest. What it has not yet written to its disk is lost. */
  force?: boolean;
}

/**
 * Stops a VM: the guest ends its processes, writes its disk and powers off; a guest that does not is ended
 * with its VMM, and a warning says so. False where it was not running.
 */
export async function stopVm(name: string, options: StopOptions): Promise<boolean> {
  const { paths, emit } = options;
  const before = await loadVm(paths, name);
  if (before === undefined) return false;
  const lock = await acquireLock(before.paths.lock, {
    what: `VM '${name}'`,
    onWait: (pid) =>
      emit({ type: 'note', level: 'info', text: `Waiting for another mvmctl (process ${pid}) …` }),
    signal: options.signal,
    // Stopping may be what makes room.
    orWithout: (why) =>
      emit({ type: 'note', level: 'info', text: `${why.message} ${name} is stopped anyway.` }),
  });
  try {
    const vm = await loadVm(paths, name);
    // Who insists gets a search for a VMM that no record tells of.
    if (vm !== undefined && options.force === true) vm.vmm ??= await findAnyVmm(vm.paths, vm.record?.id);
    if (vm?.vmm === undefined) {
      if (vm !== undefined) await forgetBoot(vm);
      return false;
    }
    await phase(emit, 'stop', `Stopping ${name}`, (progress) => endVmm(vm, options, progress));
    await forgetBoot(vm);
    return true;
  } finally {
    await lock.release();
  }
}

/** Ends a running VM as `stopVm` does; the caller holds the VM's lock and forgets the boot. */
export async function endVmm(
  vm: Vm,
  { emit, signal, force }: StopOptions,
  progress?: Pick<Phase, 'status'>,
): Promise<void> {
  const { vmm } = vm;
  if (vmm === undefined) return;
  const backend = vm.boot === undefined ? defaultBackend : backendByName(vm.boot.backend);
  if (force !== true && isRunning(vm) && (await canAct(vm, emit))) {
    const patience = startPatience(signal);
    try {
      if (await askGuest(vm, vmm, patience, { emit, progress })) return;
    } catch (error) {
      if (!(error instanceof MvmError) && !patience.signal.aborted) throw error;
      signal.throwIfAborted();
      emit({ type: 'debug', text: `shutdown failed: ${String(error)}` });
      // It may have been on its way already, as where its entrypoint has just ended.
      if (goneCodes.has(codeOf(error)) && (await waitForEnd(vmm, powerOffMs))) return;
    } finally {
      patience.end();
    }
    if ((await backend.status(vmm)) === 'stopped') return;
    if (!patience.isLost) {
      emit({
        type: 'note',
        level: 'warn',
        text: `The guest of '${vm.name}' did not power off by itself; it was ended.`,
      });
    }
  }
  await backend.stop(vmm, vm.boot?.runtimeDir ?? '', { force: true });
}

/** Whether the guest can run, to write its disk and power off; one that was made to stand still runs on for it. */
async function canAct(vm: RunningVm, emit: Emit): Promise<boolean> {
  if (await runOn(vm)) return true;
  emit({
    type: 'note',
    level: 'warn',
    text: `The host's disk is full: the guest of '${vm.name}' can't write, and is ended now. What it had not written is lost.`,
  });
  return false;
}

/** What is said of a guest that is gone. */
const goneCodes: ReadonlySet<ErrorCode | undefined> = new Set<ErrorCode>(['GUEST_LOST', 'VM_NOT_RUNNING']);

const codeOf = (error: unknown): ErrorCode | undefined =>
  error instanceof MvmError ? error.code : undefined;

/** Asks the guest to power off and waits for the VMM's end; false where that does not come. */
async function askGuest(
  vm: RunningVm,
  vmm: ProcessIdentity,
  patience: Patience,
  { emit, progress }: { emit: Emit; progress: Pick<Phase, 'status'> | undefined },
): Promise<boolean> {
  const { shutdownGuest } = await import('../guest/shutdown.ts');
  const guest = {
    ...guestAccess(vm),
    onSilence: (silent: boolean) =>
      progress?.status(
        silent ? 'the guest does not answer; it will be ended soon' : 'the guest answers again',
      ),
  };
  // The VMM's end is seen as the end of any socket to it; this one is opened before it can be too late.
  const watched = await backendByName(vm.boot.backend).connect(vm.boot.runtimeDir, 'event');
  const ended = once(watched, 'close', { signal: patience.signal });
  ended.catch(() => {}); // It may fail while the answer is awaited.
  watched.resume();
  watched.on('error', () => {}); // followed by 'close'
  // The last that it writes may be too much for the host's disk, also after its last word.
  const looking = setInterval(() => {
    // A VMM that is about to end answers no more.
    canAct(vm, emit).then(
      (can) => can || patience.lose(),
      () => {},
    );
  }, lookMs);
  let keeping: Keeping | undefined;
  try {
    keeping = await keepServiceLogs(vm, emit);
    await shutdownGuest(guest, {
      timeoutMs: graceMs,
      signal: patience.signal,
      onStarted(withinMs) {
        const ms = Math.min(withinMs === 0 ? graceMs : withinMs, longestMs);
        patience.extend(ms);
        if (ms > noticeableMs) progress?.status(`the guest takes ${Math.ceil(ms / 1000)} s at most`);
      },
    });
    await ended;
  } finally {
    clearInterval(looking);
    watched.destroy();
    await keeping?.end();
  }
  return waitForEnd(vmm, powerOffMs);
}

/** A deadline that the guest's own word moves. */
interface Patience {
  /** Aborted at the deadline, or when the user gives up. */
  signal: AbortSignal;
  /** It is over so long from now, and the time to power off. */
  extend(ms: number): void;
  /** It is over now: there is nothing to wait for. */
  lose(): void;
  isLost: boolean;
  end(): void;
}

function startPatience(user: AbortSignal): Patience {
  const over = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const extend = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => over.abort(), ms + powerOffMs);
  };
  extend(graceMs);
  const patience: Patience = {
    signal: AbortSignal.any([user, over.signal]),
    extend,
    lose() {
      patience.isLost = true;
      over.abort();
    },
    isLost: false,
    end: () => clearTimeout(timer),
  };
  return patience;
}

/**
 * Removes what belongs to the boot that is over: sockets, key, process record. What a read-only disk keeps harms
 * nothing: without a VMM none of it is believed.
 */
export async function forgetBoot(vm: Vm): Promise<void> {
  const { boot, vmm, pid, initrd } = vm.paths;
  if (vm.boot !== undefined) await endCompanion(vm.boot.runtimeDir);
  // A folder of one VM, whatever a record of an older version may say.
  const sockets = [vm.boot?.runtimeDir ?? ''].filter((path) => /\/[0-9a-f]{12}$/.test(path));
  for (const remove of [
    ...[...sockets, pid, initrd, vmm].map((path) => () => removeOne(path)),
    // The last to go: it says that there is something to look for.
    () => bootRecords.remove(boot),
  ]) {
    await remove().catch((error: unknown) => {
      if (systemCode(error instanceof MvmError ? error.cause : error) !== 'EROFS') throw error;
    });
  }
}

async function removeOne(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch((error: unknown) => {
    throw writeError(error, path);
  });
}
