import { MvmError } from '../errors/mvm-error.ts';
import { isAlive, type ProcessIdentity } from '../process/identity.ts';
import { type Paths, type VmPaths, vmPaths } from '../state/paths.ts';
import { type BootRecord, bootRecords, type VmRecord, vmmRecords, vmRecords } from './record.ts';

/** The last three are found by asking the guest (`condition.ts`); `loadVm` says `running` for them. */
export type VmStatus =
  | 'running'
  | 'starting'
  | 'stopped'
  | 'broken'
  | 'stopping'
  | 'paused'
  | 'not responding';

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
 * Loads a VM. What is left of a boot that is over is no problem, damaged or not. Other damage in its files is reported in `problem`, so that a listing survives it; undefined where
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
  } catch (error) {
    vm.problem = knownProblem(error);
    vm.vmm = await findVmm(files, undefined);
    vm.status = 'broken';
    return vm;
  }
  if (vm.record === undefined) return undefined;
  let damage: MvmError | undefined;
  try {
    vm.boot = await bootRecords.read(files.boot);
  } catch (error) {
    damage = knownProblem(error);
  }
  // The boot's record is written before its VMM starts: without one there is nothing to look for.
  if (vm.boot !== undefined || damage !== undefined) vm.vmm = await findVmm(files, vm.record);
  if (vm.vmm === undefined) return vm;
  if (damage !== undefined) {
    vm.problem = new MvmError(damage.code, damage.message, {
      hint: `mvmctl stop --force ${name}`,
      cause: damage,
    });
    vm.status = 'broken';
  } else {
    vm.status = vm.boot?.readyAt == null ? 'starting' : 'running';
  }
  return vm;
}

function knownProblem(error: unknown): MvmError {
  if (error instanceof MvmError) return error;
  throw error;
}

/** The living VMM of a VM: the recorded one, or one whose starter was killed before it could record it. */
async function findVmm(files: VmPaths, record: VmRecord | undefined): Promise<Vm['vmm']> {
  const recorded = await vmmRecords.read(files.vmm).catch((error: unknown) => {
    // A record that can't be read is made good by looking for the process itself.
    knownProblem(error);
    return undefined;
  });
  if (recorded !== undefined && (await isAlive(recorded))) return recorded;
  if (record === undefined) return undefined;
  // Loaded on use: a listing of VMs in good order needs no backend.
  const { defaultBackend } = await import('../backend/registry.ts');
  const orphan = await defaultBackend.findOrphan({ id: record.id, vmDir: files.dir });
  return orphan === undefined ? undefined : { ...orphan, startedAt: new Date().toISOString() };
}

export function isRunning(vm: Vm): vm is RunningVm {
  return vm.status === 'running' && vm.record !== undefined && vm.boot !== undefined && vm.vmm !== undefined;
}
