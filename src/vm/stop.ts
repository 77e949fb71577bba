import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { backendByName, defaultBackend } from '../backend/registry.ts';
import { MvmError } from '../errors/mvm-error.ts';
import { type Emit, phase } from '../events/events.ts';
import { waitForEnd } from '../process/terminate.ts';
import { acquireLock } from '../state/lock.ts';
import type { Paths } from '../state/paths.ts';
import { guestAccess } from './guest.ts';
import { isRunning, loadVm, type Vm } from './vm.ts';

/** Milliseconds that the guest's processes get to end, and what the guest may take beyond that to power off. */
const graceMs = 10_000;
const powerOffMs = 5_000;

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
  });
  try {
    const vm = await loadVm(paths, name);
    if (vm?.vmm === undefined) {
      if (vm !== undefined) await forgetBoot(vm);
      return false;
    }
    await phase(emit, 'stop', `Stopping ${name}`, () => endVmm(vm, options));
    await forgetBoot(vm);
    return true;
  } finally {
    await lock.release();
  }
}

/** Ends a running VM as `stopVm` does; the caller holds the VM's lock and forgets the boot. */
export async function endVmm(vm: Vm, { emit, signal, force }: StopOptions): Promise<void> {
  const { vmm } = vm;
  if (vmm === undefined) return;
  const backend = vm.boot === undefined ? defaultBackend : backendByName(vm.boot.backend);
  if (force !== true && isRunning(vm)) {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(graceMs + powerOffMs)]);
    try {
      const { shutdownGuest } = await import('../guest/shutdown.ts');
      const { connect, key } = guestAccess(vm);
      // The VMM's end is seen as the end of any socket to it; this one is opened before it can be too late.
      const watched = await backend.connect(vm.boot.runtimeDir, 'event');
      const ended = once(watched, 'close', { signal: deadline });
      watched.resume();
      watched.on('error', () => {}); // followed by 'close'
      try {
        await shutdownGuest(connect, key, { timeoutMs: graceMs, signal: deadline });
        await ended;
      } finally {
        ended.catch(() => {});
        watched.destroy();
      }
      if (await waitForEnd(vmm, powerOffMs)) return;
    } catch (error) {
      if (!(error instanceof MvmError) && !deadline.aborted) throw error;
      signal.throwIfAborted();
      emit({ type: 'debug', text: `shutdown failed: ${String(error)}` });
    }
    if ((await backend.status(vmm)) === 'stopped') return;
    emit({
      type: 'note',
      level: 'warn',
      text: `The guest of '${vm.name}' did not power off by itself; it was ended.`,
    });
  }
  await backend.stop(vmm, vm.boot?.runtimeDir ?? '', { force: true });
}

/** Removes what belongs to the boot that is over: sockets, key, process record. */
export async function forgetBoot(vm: Vm): Promise<void> {
  if (vm.boot !== undefined) await rm(vm.boot.runtimeDir, { recursive: true, force: true });
  for (const path of [vm.paths.boot, vm.paths.vmm, vm.paths.initrd]) await rm(path, { force: true });
}
