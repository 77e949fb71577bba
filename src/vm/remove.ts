import { rename, rm } from 'node:fs/promises';
import { writeError } from '../errors/file-error.ts';
import { MvmError } from '../errors/mvm-error.ts';
import { forgetHost } from '../ssh/forget.ts';
import { acquireLock } from '../state/lock.ts';
import type { Paths } from '../state/paths.ts';
import { conditionOf } from './condition/condition.ts';
import { findAnyVmm } from './state/find-vmm.ts';
import { loadVm } from './state/vm.ts';
import { forgetBoot, type StopOptions, stopVm } from './stop.ts';

/**
 * Removes a VM with its disk. Throws VM_RUNNING unless `force`, which ends it first. A damaged VM can be
 * removed too.
 */
export async function removeVm(
  paths: Paths,
  name: string,
  options: StopOptions & { force: boolean },
): Promise<void> {
  const found = await loadVm(paths, name);
  if (found === undefined) return;
  // Whatever the records say: a VMM that went on without its folder could never be found again.
  if ((found.vmm ?? (await findAnyVmm(found.paths, found.record?.id))) !== undefined) {
    if (!options.force) {
      const { status, reason } = await conditionOf(found, options.signal);
      const runs = status === 'running' || status === 'stopped';
      throw new MvmError('VM_RUNNING', `VM '${name}' ${reason ?? `is ${runs ? 'running' : status}`}.`, {
        hint:
          reason === undefined
            ? `mvmctl stop ${name}   (or mvmctl rm --force ${name})`
            : `mvmctl rm --force ${name}   (stops it and removes it with its disk)`,
      });
    }
    await stopVm(name, options);
  }
  const lock = await acquireLock(found.paths.lock, {
    what: `VM '${name}'`,
    signal: options.signal,
    orWithout: () => {}, // Removing is what makes room.
  });
  try {
    const vm = await loadVm(paths, name);
    if (vm === undefined) return;
    if (vm.vmm !== undefined)
      throw new MvmError('VM_RUNNING', `VM '${name}' has been started again in the meantime.`);
    await forgetBoot(vm);
    // Renamed first, so that a kill in the middle leaves no half VM. The dot keeps it out of every listing.
    const gone = `${vm.paths.dir}.removed`.replace(/([^/]+)$/, '.$1');
    await rm(gone, { recursive: true, force: true });
    // A disk so full that it takes no other name gets its room from the removal itself.
    const moved = await rename(vm.paths.dir, gone).then(
      () => true,
      () => false,
    );
    const path = moved ? gone : vm.paths.dir;
    await rm(path, { recursive: true, force: true }).catch((error: unknown) => {
      throw writeError(error, path);
    });
    await forgetHost(paths.state, name);
  } finally {
    await lock.release();
  }
}
