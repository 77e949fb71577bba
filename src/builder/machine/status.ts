import { stat } from 'node:fs/promises';
import { MvmError, systemCode } from '../../errors/mvm-error.ts';
import type { Emit } from '../../events/events.ts';
import { acquireLock } from '../../state/lock.ts';
import type { Paths } from '../../state/paths.ts';
import { conditionOf } from '../../vm/condition/condition.ts';
import { removeVm } from '../../vm/remove.ts';
import { builderName } from '../../vm/state/names.ts';
import { loadVm, type VmStatus } from '../../vm/state/vm.ts';
import { stopVm } from '../../vm/stop.ts';
import { builderFiles, builderPaths } from './paths.ts';
import { currentJob } from './queue.ts';

export interface BuilderStatus {
  status: VmStatus | 'absent';
  pid: number | null;
  vcpus: number | null;
  memoryMib: number | null;
  /** Its image's folder, while it runs. */
  image: string | null;
  startedAt: string | null;
  /** What is built now, and by which process. */
  job: { pid: number; what: string } | null;
  store: { path: string /** Bytes that it takes on the host. */; bytes: number } | null;
  consoleLog: string;
  problem: string | null;
}

/** The builder as it is now. Starts and changes nothing. */
export async function builderStatus(paths: Paths): Promise<BuilderStatus> {
  const files = builderFiles(paths);
  const vm = await loadVm(builderPaths(paths), builderName);
  const running = vm?.vmm === undefined ? undefined : vm.boot;
  const condition = vm && (await conditionOf(vm));
  return {
    status: condition?.status ?? 'absent',
    pid: vm?.vmm?.pid ?? null,
    vcpus: running?.vcpus ?? null,
    memoryMib: running?.memoryMib ?? null,
    image: running?.image ?? null,
    startedAt: vm?.vmm?.startedAt ?? null,
    job: (await currentJob(paths)) ?? null,
    store: await storeOf(files.disk),
    consoleLog: files.consoleLog,
    problem: vm?.problem?.message ?? condition?.reason ?? null,
  };
}

async function storeOf(path: string): Promise<BuilderStatus['store']> {
  try {
    // stat(2): blocks are of 512 bytes, whatever the file system's own are.
    return { path, bytes: (await stat(path)).blocks * 512 };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

export interface EndOptions {
  paths: Paths;
  emit: Emit;
  signal: AbortSignal;
  /** Break a build that runs. */
  force?: boolean;
}

/** Stops the builder; its store stays. False where it did not run. Throws VM_BUSY while a build runs. */
export function stopBuilder(options: EndOptions): Promise<boolean> {
  return withoutJob(options, () => stopVm(builderName, own(options)));
}

/** Removes the builder with its store: what is needed again is fetched and built again. Throws VM_BUSY. */
export function resetBuilder(options: EndOptions): Promise<void> {
  return withoutJob(options, () =>
    removeVm(own(options).paths, builderName, { ...own(options), force: true }),
  );
}

function own({ paths, emit, signal }: EndOptions) {
  return { paths: builderPaths(paths), emit, signal };
}

async function withoutJob<T>(options: EndOptions, work: () => Promise<T>): Promise<T> {
  const files = builderFiles(options.paths);
  if (options.force === true || (await loadVm(builderPaths(options.paths), builderName)) === undefined) {
    return work();
  }
  const job = await currentJob(options.paths);
  if (job !== undefined) {
    throw new MvmError('VM_BUSY', `The builder is busy: ${job.what} (process ${job.pid}).`, {
      hint: 'run the same command with --force   (interrupts that build)',
    });
  }
  const lock = await acquireLock(files.jobLock, {
    what: 'the builder',
    signal: options.signal,
    orWithout: () => {}, // Stopping needs no room; it says so itself.
  });
  try {
    return await work();
  } finally {
    await lock.release();
  }
}
