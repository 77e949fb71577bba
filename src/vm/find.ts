import { MvmError } from '../errors/mvm-error.ts';
import { nearest } from '../errors/nearest.ts';
import { findProject } from '../project/project.ts';
import type { Paths } from '../state/paths.ts';
import { listVms } from './list.ts';
import { isRunning, loadVm, type RunningVm, type Vm } from './vm.ts';

/**
 * The VM of that name, or, without a name, the project's own dev VM.
 * @throws MvmError VM_NOT_FOUND, with the nearest name
 */
export async function findVm(paths: Paths, cwd: string, name: string | undefined): Promise<Vm> {
  if (name !== undefined) {
    const vm = /^[a-z0-9-]+$/.test(name) ? await loadVm(paths, name) : undefined;
    if (vm !== undefined) return vm;
    const names = (await listVms(paths)).map((known) => known.name);
    const meant = nearest(name, names);
    throw new MvmError('VM_NOT_FOUND', `There is no VM '${name}'.`, {
      hint: meant === undefined ? 'mvmctl ls' : `did you mean ${meant}? (mvmctl ls shows all)`,
    });
  }
  const vm = await findDevVm(paths, cwd);
  if (vm !== undefined) return vm;
  const project = await findProject(cwd);
  const others = await listVms(paths);
  throw new MvmError('VM_NOT_FOUND', `${project.dir} has no dev VM.`, {
    hint: others.length === 0 ? 'mvmctl dev up' : 'mvmctl dev up, or name a VM (mvmctl ls shows them)',
  });
}

/** The dev VM of the project around `cwd`, if it was ever made. */
export async function findDevVm(paths: Paths, cwd: string): Promise<Vm | undefined> {
  const project = await findProject(cwd);
  return (await listVms(paths)).find((vm) => vm.record?.defaultOf === project.dir);
}

/**
 * Like `findVm`, for operations that need the guest.
 * @throws MvmError VM_NOT_RUNNING, or what is wrong with the VM
 */
export async function findRunningVm(paths: Paths, cwd: string, name: string | undefined): Promise<RunningVm> {
  const vm = await findVm(paths, cwd, name);
  if (isRunning(vm)) return vm;
  if (vm.problem !== undefined) throw vm.problem;
  const again =
    name === undefined || vm.record?.defaultOf != null ? 'mvmctl dev up' : `mvmctl dev up --name ${name}`;
  throw new MvmError(
    'VM_NOT_RUNNING',
    `VM '${vm.name}' is ${vm.status === 'starting' ? 'still starting' : 'stopped'}.`,
    {
      hint: again,
    },
  );
}
