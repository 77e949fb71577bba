import { existsSync } from 'node:fs';
import { hasWork } from '../../companion/files.ts';
import { MvmError } from '../../errors/mvm-error.ts';
import type { Forward } from '../../ports/forward.ts';
import type { ProcessIdentity } from '../../process/identity.ts';
import { boundLog } from '../../state/old-logs.ts';
import { type Paths, type VmPaths, vmPaths } from '../../state/paths.ts';
import { findVmm } from './find-vmm.ts';
import { type BootRecord, bootRecords, type VmRecord, vmmRecords, vmRecords } from './record.ts';

/** The last three are found by asking the guest (`condition/condition.ts`); `loadVm` says `running` for them. */
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
  /** Ports of this host that are forwarded to it. */
  forwards: readonly Forward[];
  /** Why it is broken. */
  problem: MvmError | undefined;
  /** Damage of its records that their copies made good. */
  restored: readonly MvmError[];
}

/** A VM that runs: what commands that talk to the guest need. */
export interface RunningVm extends Vm {
  record: VmRecord;
  boot: BootRecord;
  vmm: ProcessIdentity & { startedAt: string };
}

/** Bytes of what QEMU wrote, and the guest's console, that are kept of a VM that runs. */
const mostVmmLog = 2 ** 20;
const mostConsoleLog = 8 * 2 ** 20;

/**
 * Loads a VM. Damage in its files is reported in `problem`, so that a listing survives it; where a copy serves, in
 * `restored`; leftovers of an earlier boot are not a problem, damaged or not. Undefined where there is no such VM.
 */
export async function loadVm(paths: Paths, name: string): Promise<Vm | undefined> {
  const files = vmPaths(paths, name);
  const records = {
    record: await vmRecords.load(files.record),
    boot: await bootRecords.load(files.boot),
    vmm: await vmmRecords.load(files.vmm),
  };
  const { record, boot } = records;
  if (record.value === undefined) record.problem ??= lostRecord(files);
  if (record.value === undefined && record.problem === undefined) return undefined;
  const vmm = await findVmm(files, records);
  // A guest can make QEMU log endlessly, and nothing else checks the log's size.
  if (vmm !== undefined) {
    boundLog(files.vmmLog, mostVmmLog);
    boundLog(files.consoleLog, mostConsoleLog);
  }
  const vm: Vm = {
    name,
    paths: files,
    status: 'stopped',
    record: record.value,
    vmm,
    boot: boot.value,
    forwards: vmm === undefined ? [] : await forwardsOf(boot.value?.runtimeDir),
    problem: undefined,
    restored: [record, ...(vmm === undefined ? [] : [boot])].flatMap(({ value, problem }) =>
      value !== undefined && problem !== undefined ? [problem] : [],
    ),
  };
  if (record.value === undefined) {
    vm.status = 'broken';
    vm.problem = withWayOut(record.problem, vm);
  } else if (vmm !== undefined && boot.value === undefined) {
    vm.status = 'broken';
    vm.problem = withWayOut(boot.problem ?? lostBoot(vm), vm);
  } else if (vmm !== undefined) {
    vm.status = boot.value?.readyAt == null ? 'starting' : 'running';
  }
  return vm;
}

/** Costs a VM without forwards one look. */
async function forwardsOf(runtimeDir: string | undefined): Promise<readonly Forward[]> {
  if (runtimeDir === undefined || !hasWork(runtimeDir)) return [];
  const { readWork } = await import('../../companion/work.ts');
  return (await readWork(runtimeDir)).forwards;
}

/** A folder with a disk, or with what a boot leaves, is a VM's. */
function lostRecord({ record, disk, boot, vmm }: VmPaths): MvmError | undefined {
  if (![disk, boot, vmm].some((path) => existsSync(path))) return undefined;
  return new MvmError('VM_BROKEN', `The VM's record ${record} is missing.`);
}

function lostBoot({ name, paths }: Vm): MvmError {
  return new MvmError(
    'VM_BROKEN',
    `VM '${name}' is running, but the record of its boot, ${paths.boot}, is missing.`,
  );
}

/** What helps: a running one can be ended, of the others only the disk is worth something. */
function withWayOut(problem: MvmError | undefined, { name, paths, record, vmm }: Vm): MvmError {
  const { code = 'VM_BROKEN', message = '', hint } = problem ?? {};
  const kept = existsSync(paths.disk) ? [`Its disk is kept: ${paths.disk}`] : [];
  const running = vmm === undefined ? [] : [`It is running: QEMU is process ${vmm.pid}.`];
  const way =
    vmm !== undefined
      ? `mvmctl stop --force ${name}`
      : `mvmctl rm --force ${name}   (this also removes its disk; copy it first to keep it)`;
  return new MvmError(code, message, {
    cause: problem,
    details: record === undefined ? [...running, ...kept] : running,
    hint: hint ?? way,
  });
}

/** It was there for one command, and has ended without it. */
export const isLeftover = ({ record, vmm }: Vm): boolean => record?.throwaway === true && vmm === undefined;

export function isRunning(vm: Vm): vm is RunningVm {
  return vm.status === 'running' && vm.record !== undefined && vm.boot !== undefined && vm.vmm !== undefined;
}
