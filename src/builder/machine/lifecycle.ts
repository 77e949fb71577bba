import type { RunState } from '../../backend/backend.ts';
import { MvmError } from '../../errors/mvm-error.ts';
import { phase } from '../../events/events.ts';
import { waitForEnd } from '../../process/terminate.ts';
import { acquireLock, lockHolder } from '../../state/lock.ts';
import { ensureDir } from '../../state/write.ts';
import { awaitReady, type BootOptions, bootVm } from '../../vm/boot/boot.ts';
import { ensureDisk, removeDisk } from '../../vm/boot/disk.ts';
import { ensureBackend } from '../../vm/boot/ensure-backend.ts';
import { newVmId } from '../../vm/boot/plan.ts';
import { liveness } from '../../vm/condition/liveness.ts';
import { builderName } from '../../vm/state/names.ts';
import { ownArch, type VmRecord, vmRecords } from '../../vm/state/record.ts';
import { isRunning, loadVm, type RunningVm, type Vm } from '../../vm/state/vm.ts';
import { endVmm, forgetBoot } from '../../vm/stop.ts';
import { storeName } from '../store-name.ts';
import { damagedStore } from './failure.ts';
import { builderImage } from './image/image.ts';
import { builderFiles, builderPaths } from './paths.ts';
import { type Prepared, prepare } from './prepare.ts';
import { type BuilderSize, builderSize, idleSeconds, storeBytes } from './size.ts';

export interface BuilderOptions extends BootOptions {
  /** Instead of what suits this host; a builder that runs keeps what it has. */
  size?: Partial<BuilderSize>;
  /** Seconds without a job before it powers itself off; ten minutes unless given. */
  idleSeconds?: number;
}

/** How long a builder that is powering off may take, in milliseconds. */
const powerOffMs = 20_000;

/**
 * The builder, running and ready for jobs: a warm one, or one that is made and booted now. Two at once end in
 * one. It stays for ten idle minutes from here, and from the end of each job.
 * A damaged store is repaired or recreated, with a note.
 * @throws MvmError BUILDER_FAILED, STORE_DAMAGED, BACKEND_MISSING, BOOT_FAILED, BOOT_TIMEOUT, RESOURCES, STATE_WRITE, and what
 * assembling its image throws
 */
export async function ensureBuilder(options: BuilderOptions): Promise<RunningVm> {
  const image = await builderImage(ownArch(), options);
  return withLock(options, async () => {
    const found = await loadVm(builderPaths(options.paths), builderName);
    if (found?.problem !== undefined) throw damaged(found.problem);
    const warm = await reuse(found, image.dir, options);
    if (warm !== undefined) return warm;
    return start(image, options);
  });
}

/**
 * Ends the builder and removes its store, which turned out to be damaged; says so, with what showed it. The next
 * `ensureBuilder` makes another.
 */
export async function discardStore(why: readonly string[], options: BuilderOptions): Promise<void> {
  await withLock(options, async () => {
    const found = await loadVm(builderPaths(options.paths), builderName);
    if (found?.vmm !== undefined) await endBuilder(found, { ...options, force: true });
    await removeStore(why, options);
  });
}

/**
 * Ends a builder that left a job without an answer though its VMM runs it: its guest hangs, all of it or in part. The next
 * `ensureBuilder` starts another, with the same store. False if it was frozen or waits for space, which ends by itself.
 */
export async function endSilentBuilder(options: BuilderOptions): Promise<boolean> {
  return withLock(options, async () => {
    const found = await loadVm(builderPaths(options.paths), builderName);
    if (found === undefined || !isRunning(found)) return true;
    const now = await liveness(found, options.signal);
    if (now.is === 'silent' && !runs(now.silence.state)) return false;
    options.emit({ type: 'note', level: 'warn', text: noLongerAnswers });
    await endBuilder(found, { ...options, force: true });
    return true;
  });
}

const noLongerAnswers = 'The builder no longer answers. It will be killed and a new one started.';

async function withLock<T>(options: BuilderOptions, work: () => Promise<T>): Promise<T> {
  const files = builderFiles(options.paths);
  await ensureDir(files.dir, 0o700);
  const lock = await acquireLock(files.lock, {
    what: 'the builder',
    waitMs: 600_000,
    signal: options.signal,
    onWait: (pid) =>
      options.emit({
        type: 'note',
        level: 'info',
        text: `Another mvmctl (process ${pid}) is starting the builder; waiting …`,
      }),
  });
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

/** Nothing is lost with it but time: it holds what was fetched and built. */
async function removeStore(why: readonly string[], { paths, emit }: BuilderOptions): Promise<void> {
  await removeDisk(builderFiles(paths).disk);
  const reason = why.at(-1)?.trim().replace(/\.$/, '');
  emit({
    type: 'note',
    level: 'warn',
    text: `The builder’s store was damaged${reason === undefined ? '' : ` (${reason})`}. It has been recreated; what is needed will be fetched and built again.`,
  });
}

function tellLost(lost: readonly string[], { emit }: BuilderOptions): void {
  if (lost.length === 0) return;
  const names = lost.slice(0, 3).map(storeName).join(', ');
  emit({
    type: 'note',
    level: 'warn',
    text: `The builder was killed, which damaged ${lost.length} paths in its store (${names}${lost.length > 3 ? ', …' : ''}). They have been removed, and will be built again when they are needed.`,
  });
}

function damaged(problem: MvmError): MvmError {
  return new MvmError(problem.code, problem.message, { cause: problem, hint: 'mvmctl builder reset' });
}

/** The running builder; undefined where there is none, or where it had to go. */
async function reuse(
  found: Vm | undefined,
  imageDir: string,
  options: BuilderOptions,
): Promise<RunningVm | undefined> {
  const { record, boot, vmm } = found ?? {};
  if (found === undefined || record === undefined || boot === undefined || vmm === undefined)
    return undefined;
  const own = { ...options, paths: builderPaths(options.paths) };
  const vm = isRunning(found)
    ? found
    : await phase(options.emit, 'boot', 'Waiting for the builder', (progress) =>
        awaitReady({ ...found, record, boot, vmm }, undefined, progress, own),
      );
  if (boot.image !== imageDir && (await isFree(options))) {
    options.emit({ type: 'debug', text: `the builder runs ${boot.image}; ${imageDir} replaces it` });
    await endBuilder(vm, options);
    return undefined;
  }
  if ((await isFree(options)) && (await hangs(vm, options))) {
    options.emit({ type: 'note', level: 'warn', text: noLongerAnswers });
    await endBuilder(vm, { ...options, force: true });
    return undefined;
  }
  const prepared = await ready(vm, options);
  if (prepared.state === 'ready') return vm;
  if (prepared.state === 'damaged') {
    await endBuilder(vm, { ...options, force: true });
    await removeStore(prepared.lines, options);
    return undefined;
  }
  // It was idle for too long a moment ago: its end is near.
  if (!(await waitForEnd(vmm, powerOffMs))) await endBuilder(vm, options);
  return undefined;
}

/** Whether no other build runs that ending the builder would break; the caller may itself hold the turn. */
async function isFree(options: BuilderOptions): Promise<boolean> {
  const holder = await lockHolder(builderFiles(options.paths).jobLock);
  return holder === undefined || holder === process.pid;
}

/** Whether its guest hangs, asked twice: a builder that waits for space, or was stopped on purpose, continues on its own. */
async function hangs(vm: RunningVm, { signal }: BuilderOptions): Promise<boolean> {
  for (let asked = 0; asked < 2; asked++) {
    const now = await liveness(vm, signal);
    if (now.is !== 'silent' || !runs(now.silence.state)) return false;
  }
  return true;
}

/** Whether its VMM runs the guest, as far as anybody knows. */
const runs = (state: RunState) => state === 'running' || state === 'unknown';

/** Makes it ready for jobs, and reports what was lost. */
async function ready(vm: RunningVm, options: BuilderOptions): Promise<Prepared> {
  const { emit, signal } = options;
  const prepared = await prepare(vm, { idleSeconds: options.idleSeconds ?? idleSeconds, emit, signal });
  if (prepared.state === 'ready') tellLost(prepared.lost, options);
  return prepared;
}

/** Ends a builder whose lock is held by us. */
async function endBuilder(vm: Vm, options: BuilderOptions & { force?: boolean }): Promise<void> {
  await phase(options.emit, 'stop', 'Stopping the builder', () => endVmm(vm, options));
  await forgetBoot(vm);
}

async function start(
  image: Awaited<ReturnType<typeof builderImage>>,
  options: BuilderOptions,
): Promise<RunningVm> {
  const own: BuilderOptions = { ...options, paths: builderPaths(options.paths), disk: 'own' };
  const probe = await ensureBackend(ownArch(), options);
  const before = await loadVm(own.paths, builderName);
  const files = builderFiles(options.paths);
  const record: VmRecord = {
    id: before?.record?.id ?? newVmId(),
    name: builderName,
    kind: 'dev',
    defaultOf: null,
    project: files.dir,
    arch: ownArch(),
    ...builderSize(),
    ...options.size,
    createdAt: before?.record?.createdAt ?? new Date().toISOString(),
    env: {},
    sources: {},
  };
  // The record first: without one, 'reset' would find no builder and leave the disk.
  await vmRecords.write(files.record, record);
  if (before?.boot !== undefined) await forgetBoot(before);
  const stopped = {
    name: builderName,
    paths: files,
    status: 'stopped' as const,
    record,
    vmm: undefined,
    boot: undefined,
    forwards: [],
    problem: undefined,
    restored: [],
  };
  const boot = async (): Promise<{ vm: RunningVm; prepared: Prepared }> => {
    await ensureDisk(files.disk, storeBytes);
    const vm = await bootVm(stopped, image, probe, own);
    try {
      const prepared = await ready(vm, options);
      if (prepared.state !== 'ready') await endBuilder(vm, { ...options, force: true });
      return { vm, prepared };
    } catch (error) {
      // Without its store it is of no use, and the next attempt shall not find it running.
      await endVmm(vm, { ...options, force: true });
      throw error;
    }
  };
  let { vm, prepared } = await boot();
  if (prepared.state === 'damaged') {
    await removeStore(prepared.lines, options);
    ({ vm, prepared } = await boot());
  }
  if (prepared.state === 'ready') return vm;
  if (prepared.state === 'damaged')
    throw new MvmError('STORE_DAMAGED', damagedStore.message, {
      details: prepared.lines,
      log: files.consoleLog,
      hint: damagedStore.hint,
    });
  throw new MvmError('BUILDER_FAILED', 'The builder VM booted, but ended before its store was mounted.', {
    log: files.consoleLog,
    hint: 'mvmctl builder status   (or run the same command again)',
  });
}
