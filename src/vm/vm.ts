import { MvmError } from '../errors/mvm-error.ts';
import { isAlive, type ProcessIdentity } from '../process/identity.ts';
import { type Paths, type VmPaths, vmPaths } from '../state/paths.ts';
import { type BootRecord, bootRecords, type VmRecord, vmmRecords, vmRecords } from './record.ts';

export type VmStatus = 'running' | 'starting' | 'stopped' | 'broken';

/** A VM as it is now; the status is derived from the VMM's process, never read from a file. */
export interface Vm {
  name: string;
  paths: VmPaths;
  status: VmStatus;
  record: VmRecord | undefined;
  /** The VMM, while it lives. */
  vmm: (ProcessIdentity & { startedAt: string }) | undefined;
  boot: BootRecord | undefined;
  /** Why it is broken. */
  problem: MvmError | undefined;
}

/** A VM that runs: what commands that talk to the guest need. */
export interface RunningVm extends Vm {
  record: VmRecord;
  boot: BootRecord;
  vmm: ProcessIdentity & { startedAt: string };
}

/**
 * Loads a VM. Damage in its files is reported in `problem`, so that a listing survives it; undefined where
 * there is no such VM.
 */
export async function loadVm(paths: Paths, name: string): Promise<Vm | undefined> {
  const files = vmPaths(paths, name);
  const vm: Vm = {
    name,
    paths: files,
    status: 'stopped',
    record: undefined,
    vmm: undefined,
    boot: undefined,
    problem: undefined,
  };
  try {
    vm.record = await vmRecords.read(files.record);
    if (vm.record === undefined) return undefined;
    vm.boot = await bootRecords.read(files.boot);
    // The boot's record is written before its VMM starts: without one there is nothing to look for.
    if (vm.boot !== undefined) vm.vmm = await findVmm(files, vm.record);
  } catch (error) {
    if (!(error instanceof MvmError)) throw error;
    vm.problem = error;
    vm.vmm ??= vm.record === undefined ? undefined : await findVmm(files, vm.record);
    vm.status = 'broken';
    return vm;
  }
  if (vm.vmm !== undefined) vm.status = vm.boot?.readyAt == null ? 'starting' : 'running';
  return vm;
}

/** The living VMM of a VM: the recorded one, or one whose starter was killed before it could record it. */
async function findVmm(files: VmPaths, record: VmRecord): Promise<Vm['vmm']> {
  const recorded = await vmmRecords.read(files.vmm).catch((error: unknown) => {
    // A damaged process record is made good by looking for the process itself.
    if (error instanceof MvmError && error.code === 'VM_BROKEN') return undefined;
    throw error;
  });
  if (recorded !== undefined && (await isAlive(recorded))) return recorded;
  // Loaded on use: a listing of VMs in good order needs no backend.
  const { defaultBackend } = await import('../backend/registry.ts');
  const orphan = await defaultBackend.findOrphan({ id: record.id, vmDir: files.dir });
  return orphan === undefined ? undefined : { ...orphan, startedAt: new Date().toISOString() };
}

export function isRunning(vm: Vm): vm is RunningVm {
  return vm.status === 'running' && vm.record !== undefined && vm.boot !== undefined && vm.vmm !== undefined;
}
