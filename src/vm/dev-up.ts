import type { Available } from '../backend/backend.ts';
import { backendByName } from '../backend/registry.ts';
import { readProjectConfig } from '../config/project-config.ts';
import { type Choices, type Settings, type Sourced, settle } from '../config/settings.ts';
import { MvmError } from '../errors/mvm-error.ts';
import { type Emit, phase } from '../events/events.ts';
import type { Image } from '../image/load-image.ts';
import { bareFlake, findProject, type Project } from '../project/project.ts';
import { acquireLock } from '../state/lock.ts';
import { vmPaths } from '../state/paths.ts';
import { ensureDir } from '../state/write.ts';
import { awaitReady, type BootOptions, bootVm, checkSpec } from './boot.ts';
import { defaultImage } from './default-image.ts';
import { chooseDevName } from './dev-name.ts';
import { devRecord, differences } from './dev-record.ts';
import { ensureDisk, removeDisk } from './disk.ts';
import { ensureBackend } from './ensure-backend.ts';
import { type Architecture, ownArch, type VmRecord, vmRecords } from './record.ts';
import { forgetBoot } from './stop.ts';
import { isRunning, loadVm, type RunningVm, type Vm } from './vm.ts';

export interface DevUpOptions extends BootOptions {
  cwd: string;
  /** A second dev VM beside the project's own. */
  name?: string;
  vcpus?: number;
  memoryMib?: number;
  arch?: Architecture;
  /** Begin with an empty disk. */
  reset?: boolean;
  flake?: string;
  profile?: string;
  nixpkgs?: string;
  /** The image of the project's flake; undefined where it is the default image that is to be used. */
  projectImage?: (request: ImageRequest) => Promise<Image | undefined>;
}

export interface ImageRequest {
  project: Project;
  settings: Settings;
  arch: Architecture;
}

export interface DevUpResult {
  vm: RunningVm;
  /** False where it ran already. */
  started: boolean;
}

/**
 * Makes the project's dev VM run: creates it, boots it, or finds it running. Two at once end in one VM: the
 * second waits for the lock and finds it running.
 */
export async function devUp(options: DevUpOptions): Promise<DevUpResult> {
  const { paths, emit } = options;
  const project = await findProject(options.cwd);
  const file = project.configFile === undefined ? undefined : await readProjectConfig(project.configFile);
  const settings = settle(flagsOf(options), options.env, file);
  if (settings.backend !== undefined) checkBackend(settings.backend);
  const name = await chooseDevName(project, settings.name, options);
  const files = vmPaths(paths, name);
  await ensureDir(files.dir, 0o700);
  const lock = await acquireLock(files.lock, {
    what: `VM '${name}'`,
    waitMs: 600_000,
    signal: options.signal,
    onWait: (pid) =>
      emit({
        type: 'note',
        level: 'info',
        text: `Another mvmctl (process ${pid}) is working on '${name}'; waiting …`,
      }),
  });
  try {
    const found = await loadVm(paths, name);
    if (found?.problem !== undefined) throw withRepair(found.problem, name);
    if (found !== undefined && found.vmm !== undefined)
      return { vm: await join(found, settings, options), started: false };
    return { vm: await start(found, name, project, settings, options), started: true };
  } finally {
    await lock.release();
  }
}

function withRepair(problem: MvmError, name: string): MvmError {
  if (problem.code !== 'VM_BROKEN') return problem;
  return new MvmError(problem.code, problem.message, {
    cause: problem,
    hint:
      problem.hint ?? `mvmctl rm --force ${name}   (removes the VM with its disk, disk.img beside that file)`,
  });
}

function flagsOf({ vcpus, memoryMib, flake, profile, nixpkgs }: DevUpOptions): Choices {
  return {
    ...(vcpus === undefined ? {} : { vcpus }),
    ...(memoryMib === undefined ? {} : { memoryMib }),
    ...(flake === undefined ? {} : { flake }),
    ...(profile === undefined ? {} : { profile }),
    ...(nixpkgs === undefined ? {} : { nixpkgs }),
  };
}

/** Throws CONFIG_INVALID, with the place, for a backend that this mvmctl does not have. */
function checkBackend({ value, source }: Sourced<string>): void {
  try {
    backendByName(value);
  } catch (error) {
    if (!(error instanceof MvmError)) throw error;
    throw new MvmError('CONFIG_INVALID', `${source}: backend: ${error.message}`, { cause: error });
  }
}

/** A VM that runs already, or is starting since the mvmctl that started it was killed. */
async function join(vm: Vm, settings: Settings, options: DevUpOptions): Promise<RunningVm> {
  const { record, boot, vmm } = vm;
  if (record === undefined || boot === undefined || vmm === undefined) {
    throw new MvmError('VM_BROKEN', `VM '${vm.name}' runs, but the record of its boot is missing.`, {
      hint: `mvmctl stop --force ${vm.name}`,
    });
  }
  refuseChanges(vm.name, boot, options);
  const differs = differences(boot, settings);
  if (differs.length > 0) {
    options.emit({
      type: 'note',
      level: 'warn',
      text: `'${vm.name}' runs with what it was started with: ${differs.join('; ')}. To change it: mvmctl stop ${vm.name}, then dev up.`,
    });
  }
  if (isRunning(vm)) return vm;
  return phase(options.emit, 'boot', `Waiting for ${vm.name}`, (progress) =>
    awaitReady({ ...vm, record, boot, vmm }, undefined, progress, options),
  );
}

function refuseChanges(
  name: string,
  running: { vcpus: number; memoryMib: number; arch: string },
  options: DevUpOptions,
): void {
  const changes: string[] = [];
  if (options.vcpus !== undefined && options.vcpus !== running.vcpus)
    changes.push(`it has ${running.vcpus} vCPUs`);
  if (options.memoryMib !== undefined && options.memoryMib !== running.memoryMib) {
    changes.push(`it has ${running.memoryMib} MiB of memory`);
  }
  if (options.arch !== undefined && options.arch !== running.arch) changes.push(`it is ${running.arch}`);
  if (options.reset === true) changes.push('its disk is in use');
  if (changes.length === 0) return;
  throw new MvmError(
    'VM_RUNNING',
    `VM '${name}' is running and can't be changed now: ${changes.join(', ')}.`,
    {
      hint: `mvmctl stop ${name}   (then the same command again)`,
    },
  );
}

async function start(
  found: Vm | undefined,
  name: string,
  project: Project,
  settings: Settings,
  options: DevUpOptions,
): Promise<RunningVm> {
  const { paths, emit, signal } = options;
  await noteFlake(project, settings, emit);
  const arch = chooseArch(found?.record, name, options);
  const probe: Available = await ensureBackend(arch, options);
  emit({ type: 'note', level: 'info', text: probe.notice });
  const own = await options.projectImage?.({ project, settings, arch });
  const image = own ?? (await defaultImage(arch, options));
  signal.throwIfAborted();
  const record = devRecord(found?.record, image, settings, {
    name,
    arch,
    project: project.dir,
    own: options.name === undefined,
  });
  const vm: Vm & { record: VmRecord } = {
    ...(found ?? { vmm: undefined, boot: undefined, problem: undefined }),
    name,
    paths: vmPaths(paths, name),
    status: 'stopped',
    record,
  };
  // What can't be started is refused before the disk is emptied and the sizes are remembered.
  await checkSpec(vm, image, options);
  if (options.reset === true) await removeDisk(vm.paths.disk);
  await ensureDisk(vm.paths.disk);
  if (found === undefined || changed(found.record, record)) await vmRecords.write(vm.paths.record, record);
  if (found?.boot !== undefined) await forgetBoot(found);
  return bootVm(vm, image, probe, options);
}

function changed(before: VmRecord | undefined, after: VmRecord): boolean {
  return JSON.stringify(before) !== JSON.stringify(after);
}

/** The architecture can't change: the disk holds programs for the one it has. */
function chooseArch(before: VmRecord | undefined, name: string, options: DevUpOptions): Architecture {
  const arch = options.arch ?? before?.arch ?? ownArch();
  if (before === undefined || arch === before.arch || options.reset === true) return arch;
  throw new MvmError('USAGE', `VM '${name}' is ${before.arch}; its disk can't change to ${arch}.`, {
    hint: `mvmctl dev up --arch ${arch} --name ${name.slice(0, 28)}-${arch === 'aarch64' ? 'arm' : 'x86'}   (or --reset, which empties its disk)`,
  });
}

/** Says in one line why a flake that is there is not what boots. */
async function noteFlake(project: Project, settings: Settings, emit: Emit): Promise<void> {
  const bare = settings.flake === undefined ? await bareFlake(project) : undefined;
  if (bare === undefined) return;
  emit({
    type: 'note',
    level: 'info',
    text: `${bare} is here but not used, since no mvm.toml asks for it. To use it: echo 'flake = "."' > ${project.dir}/mvm.toml`,
  });
}
