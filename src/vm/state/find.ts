import { hasWork } from '../../companion/files.ts';
import { MvmError } from '../../errors/mvm-error.ts';
import { nearest } from '../../errors/nearest.ts';
import { findProject } from '../../project/project.ts';
import type { Paths } from '../../state/paths.ts';
import { kinds, startCommand } from './kind.ts';
import { listVms } from './list.ts';
import { builderName } from './names.ts';
import type { VmKind } from './record.ts';
import { isRunning, loadVm, type RunningVm, type Vm } from './vm.ts';

/**
 * The VM of that name, or, without a name, the project's own: one that runs before one that does not, and its dev
 * VM before that of `up`.
 * @throws MvmError VM_NOT_FOUND, with the nearest name
 */
export async function findVm(paths: Paths, cwd: string, name: string | undefined): Promise<Vm> {
  if (name !== undefined) return namedVm(paths, name);
  const own = await projectVms(paths, cwd);
  const vm = own.find(({ vmm }) => vmm !== undefined) ?? own[0];
  if (vm !== undefined) return vm;
  throw await noVm(paths, cwd, 'VM', 'mvmctl dev up');
}

/**
 * As `findVm`, for what ends or changes a VM: nothing is guessed where two of the project run.
 * @throws MvmError USAGE, VM_NOT_FOUND
 */
export async function findOnlyVm(paths: Paths, cwd: string, name: string | undefined): Promise<Vm> {
  if (name === undefined) {
    const running = (await projectVms(paths, cwd)).filter(({ vmm }) => vmm !== undefined);
    const [first, second] = running;
    if (first !== undefined && second !== undefined) {
      const names = running.map((vm) => vm.name).join(' and ');
      throw new MvmError('USAGE', `Two VMs of this project are running: ${names}. Name the one you mean.`, {
        hint: `mvmctl stop ${second.name}`,
      });
    }
  }
  return findVm(paths, cwd, name);
}

async function namedVm(paths: Paths, name: string): Promise<Vm> {
  const vm = /^[a-z0-9-]+$/.test(name) ? await loadVm(paths, name) : undefined;
  if (vm !== undefined) return vm;
  if (name === builderName) {
    throw new MvmError('VM_NOT_FOUND', `'${name}' is the builder, which has its own commands.`, {
      hint: 'mvmctl builder --help',
    });
  }
  const names = (await listVms(paths)).map((known) => known.name);
  const meant = nearest(name, names);
  throw new MvmError('VM_NOT_FOUND', `There is no VM '${name}'.`, {
    hint: meant === undefined ? 'mvmctl ls' : `did you mean ${meant}? (mvmctl ls lists all)`,
  });
}

/** The project's own dev VM. Throws VM_NOT_FOUND. */
export async function findDevVm(paths: Paths, cwd: string, name: string | undefined): Promise<Vm> {
  const vm = name === undefined ? await findProjectVm(paths, cwd, 'dev') : await namedVm(paths, name);
  if (vm !== undefined) return vm;
  throw await noVm(paths, cwd, kinds.dev.words, 'mvmctl dev up');
}

async function noVm(paths: Paths, cwd: string, words: string, start: string): Promise<MvmError> {
  const project = await findProject(cwd);
  const others = await listVms(paths);
  const lost = others.find(({ record, problem: found }) => record === undefined && found !== undefined);
  if (lost?.problem !== undefined) {
    const { code, message, details, hint } = lost.problem;
    const text = `${project.dir} has no ${words} that can be identified: '${lost.name}' may be it, but is broken. ${message}`;
    return new MvmError(code, text, {
      cause: lost.problem,
      details,
      ...(hint === undefined ? {} : { hint }),
    });
  }
  return new MvmError('VM_NOT_FOUND', `${project.dir} has no ${words}.`, {
    hint: others.length === 0 ? start : `${start}, or name a VM (mvmctl ls lists them)`,
  });
}

/** The VM of that kind of the project around `cwd`, if it was ever made. */
export async function findProjectVm(paths: Paths, cwd: string, kind: VmKind): Promise<Vm | undefined> {
  return (await projectVms(paths, cwd)).find((vm) => vm.record?.kind === kind);
}

/** The VMs that the project around `cwd` has, the dev VM first. */
async function projectVms(paths: Paths, cwd: string): Promise<Vm[]> {
  const project = await findProject(cwd);
  const own = (await listVms(paths)).filter((vm) => vm.record?.defaultOf === project.dir);
  const rank = (vm: Vm) => (vm.record?.kind === 'dev' ? 0 : 1);
  return own.sort((a, b) => rank(a) - rank(b));
}

/** Like `findVm`, for operations that need the guest. Also throws what `requireRunning` throws. */
export async function findRunningVm(paths: Paths, cwd: string, name: string | undefined): Promise<RunningVm> {
  return asRunning(await findVm(paths, cwd, name), cwd);
}

/** The VM, with its companion started again where that was killed. Throws what `requireRunning` throws. */
export async function asRunning(vm: Vm, cwd: string): Promise<RunningVm> {
  if (isRunning(vm) && hasWork(vm.boot.runtimeDir)) {
    const { reviveCompanion } = await import('../../companion/start.ts');
    await reviveCompanion(vm);
  }
  return isRunning(vm) ? vm : requireRunning(vm, (await findProject(cwd)).dir);
}

/**
 * The VM as one that runs.
 * @param project the one whose folder the user is in, for the hint
 * @throws MvmError VM_NOT_RUNNING, or what is wrong with the VM
 */
export function requireRunning(vm: Vm, project?: string): RunningVm {
  if (isRunning(vm)) return vm;
  if (vm.problem !== undefined) throw vm.problem;
  throw new MvmError(
    'VM_NOT_RUNNING',
    `VM '${vm.name}' is ${vm.status === 'starting' ? 'still starting' : 'stopped'}.`,
    vm.record === undefined ? {} : { hint: startCommand(vm.record, project) },
  );
}
