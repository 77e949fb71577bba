import { randomBytes } from 'node:crypto';
import { rm, unlink } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Available, Plan, Started, VmSpec } from '../../backend/backend.ts';
import { defaultBackend as backend } from '../../backend/registry.ts';
import type { ErrorCode } from '../../errors/codes.ts';
import { MvmError } from '../../errors/mvm-error.ts';
import { type Phase, phase } from '../../events/events.ts';
import { watchBoot } from '../../guest/boot-watch.ts';
import type { Image } from '../../image/load-image.ts';
import { configArchive, type VmConfig, writeBootInitrd } from '../../image/vm-config.ts';
import type { Share } from '../../share/share.ts';
import { consoleTail } from '../state/console-tail.ts';
import type { DiskUse } from '../state/kind.ts';
import { type BootRecord, bootRecords, type VmRecord, vmmRecords } from '../state/record.ts';
import type { RunningVm, Vm } from '../state/vm.ts';
import type { Surroundings } from '../surroundings.ts';
import { brokenByEmulator, brokenByEmulatorText } from './broken-by-emulator.ts';
import { explainDamagedDisk } from './damaged-disk.ts';
import { type BootDisks, bootDisks } from './disks.ts';
import { poolPorts, specOf } from './plan.ts';
import { type BootTemplate, handOver, resumeMs } from './resume.ts';
import { makeRuntimeDir } from './runtime-dir.ts';

export interface BootOptions extends Surroundings {
  /** What the VM's disk is for; `root` unless given. */
  disk?: DiskUse;
  /** The caller attaches to the entrypoint next, and must learn how it ended. */
  attended?: boolean;
  /** Whatever is listened on in the guest is to be forwarded. */
  follow?: boolean;
  shares?: Share[];
  /** What the guest is given along with its configuration. */
  given?: Pick<VmConfig, 'files' | 'defaultEnv'>;
  /** What its record keeps of the image that was asked for. */
  asked?: BootRecord['asked'];
  source?: BootRecord['source'];
  /** A machine of this shape that has booted already: it goes on from there, if it can. */
  template?: BootTemplate | undefined;
}

/**
 * How long a guest may take to become ready, in milliseconds. A stock kernel takes 2 s under emulation here,
 * and up to ten times that on a loaded machine; MVM_BOOT_TIMEOUT (seconds) overrides.
 */
function bootTimeout(accelerator: string, env: NodeJS.ProcessEnv): number {
  const asked = Number(env.MVM_BOOT_TIMEOUT);
  if (asked > 0) return asked * 1000;
  return accelerator === 'tcg' ? 120_000 : 30_000;
}

/**
 * What would be started; throws where it can't be, so that a caller may ask before it changes anything.
 * @throws MvmError IMAGE_INVALID, RESOURCES, BACKEND_UNSUPPORTED, PATH_TOO_LONG, STATE_WRITE
 */
export async function checkSpec(
  vm: Pick<Vm, 'paths'> & { record: VmRecord },
  image: Image,
  options: Pick<BootOptions, 'paths' | 'env' | 'disk'>,
): Promise<{ spec: VmSpec; runtimeDir: string; disks: BootDisks }> {
  const runtimeDir = await makeRuntimeDir(options.paths, vm.record.id, options.env);
  const disks = bootDisks(image, vm.paths.disk, options.disk ?? 'root');
  return { spec: specOf(vm.record, image, vm.paths, disks.disks, runtimeDir, backend), runtimeDir, disks };
}

/**
 * Starts a stopped VM, from a template where one is given, and waits until its guest is ready. The caller holds the
 * VM's lock. On failure or abort nothing is left running.
 * @throws MvmError BACKEND_FAILED, BOOT_FAILED, BOOT_TIMEOUT, RESOURCES, STATE_WRITE, INTERRUPTED
 */
export async function bootVm(
  vm: Vm & { record: VmRecord },
  image: Image,
  probe: Available,
  options: BootOptions,
): Promise<RunningVm> {
  const { emit } = options;
  const files = vm.paths;
  const { spec, runtimeDir, disks } = await checkSpec(vm, image, options);
  const boot: BootRecord = {
    key: randomBytes(32).toString('hex'),
    backend: backend.name,
    accelerator: probe.accelerator,
    runtimeDir,
    ports: poolPorts,
    image: image.dir,
    imageName: image.spec.name,
    entrypointKind: image.spec.entrypointKind,
    sealed: image.spec.sealed,
    ...(options.asked === undefined ? {} : { asked: options.asked }),
    ...(options.source === undefined ? {} : { source: options.source }),
    arch: vm.record.arch,
    vcpus: vm.record.vcpus,
    memoryMib: vm.record.memoryMib,
    env: vm.record.env,
    follow: options.follow === true,
    shares: options.shares ?? [],
    readyAt: null,
    readyUptimeMs: null,
  };
  const config = (): VmConfig => ({
    name: vm.name,
    hostname: vm.name,
    key: boot.key,
    clockUnixMs: Date.now(),
    seed: randomBytes(64),
    ports: poolPorts,
    ...disks.config,
    env: vm.record.env,
    network: { address: '10.0.2.15/24', gateway: '10.0.2.2', dns: ['10.0.2.3'] },
    // One that keeps its root is worked in, also when its program has ended, or was never there.
    staysOn: (options.disk ?? 'root') === 'root',
    attended: options.attended === true,
    ...(vm.record.throwaway && { throwaway: true }),
    ...options.given,
  });
  const attempt = async (
    progress: Phase,
    plan: Plan,
    boot: BootRecord,
    begin?: () => Promise<Duplex>,
  ): Promise<RunningVm> => {
    emit({ type: 'debug', text: plan.argv.join(' ') });
    await bootRecords.write(files.boot, boot);
    // A record of an earlier process would say of this one, until it has its own, that it has ended.
    await vmmRecords.remove(files.vmm);
    // QEMU appends to it. A folder in its place is QEMU's to tell.
    await unlink(files.consoleLog).catch(() => {});
    // What an earlier boot's services wrote would pass for this one's.
    await rm(files.serviceLogs, { force: true, recursive: true });
    const started = await backend.start(plan);
    const vmm = { ...started.identity, startedAt: new Date().toISOString() };
    try {
      await vmmRecords.write(files.vmm, vmm);
      const events = await begin?.();
      return await awaitReady({ ...vm, boot, vmm, status: 'running' }, started, progress, options, events);
    } catch (error) {
      await backend.stop(started.identity, runtimeDir, { force: true });
      throw error;
    }
  };
  const bootAnew = async (progress: Phase): Promise<RunningVm> => {
    await writeBootInitrd(image, configArchive(config()), files.initrd);
    const plan = backend.plan(spec, probe);
    try {
      return await attempt(progress, plan, boot);
    } catch (error) {
      if (!brokenByEmulator(error, boot.accelerator)) throw explainDamagedDisk(error, vm, disks.config);
      emit({
        type: 'note',
        level: 'warn',
        text: `${brokenByEmulatorText} of '${vm.name}' (a known fault of older QEMUs with several CPUs). Starting it again.`,
      });
      return attempt(progress, plan, boot);
    }
  };
  const { template } = options;
  if (template === undefined) return phase(emit, 'boot', `Booting ${vm.name}`, bootAnew);
  return phase(emit, 'boot', `Resuming ${vm.name}`, async (progress) => {
    const plan = backend.plan({ ...spec, template: { ...template.files, use: 'resume' } }, probe);
    const resuming = { ...boot, template: template.key };
    try {
      return await attempt(progress, plan, resuming, () => handOver(runtimeDir, config()));
    } catch (error) {
      options.signal.throwIfAborted();
      // Whatever it is, a boot does better, or says what is wrong. Where it does, the template was at fault.
      const booted = await bootAnew(progress);
      await template.reject(error);
      return booted;
    }
  });
}

/**
 * Waits for the ready event of a VM whose VMM runs: just started, or found starting after the mvmctl that
 * started it was killed. Records that it is ready.
 * @param events the event port of one that is being resumed, which got its configuration through it
 */
export async function awaitReady(
  vm: RunningVm,
  started: Pick<Started, 'exited'> | undefined,
  progress: Pick<Phase, 'status'>,
  options: BootOptions,
  events?: Duplex,
): Promise<RunningVm> {
  const { boot, paths: files } = vm;
  const timeout = events === undefined ? bootTimeout(boot.accelerator, options.env) : resumeMs;
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  const ready = watchBoot(
    {
      key: Buffer.from(boot.key, 'hex'),
      connect: async () => events ?? backend.connect(boot.runtimeDir, 'event'),
    },
    (stage) => progress.status(stage),
    signal,
  );
  const ended = started?.exited.then(async (exit) => {
    throw new MvmError(
      'BOOT_FAILED',
      `The VM '${vm.name}' ended before its guest was ready (${describeExit(exit)}).`,
      {
        details: await consoleTail(files.consoleLog),
        log: files.consoleLog,
        ...(exit.signal === 'SIGKILL' ? { hint: killedHint } : {}),
      },
    );
  });
  const late = delay(timeout, undefined, { signal: over.signal, ref: false }).then(async () => {
    throw new MvmError(
      'BOOT_TIMEOUT',
      `The guest of '${vm.name}' was not ready after ${timeout / 1000} seconds.`,
      {
        details: await consoleTail(files.consoleLog),
        log: files.consoleLog,
        hint: 'export MVM_BOOT_TIMEOUT=300   (if the machine is heavily loaded; then run the same command again)',
      },
    );
  });
  late.catch(() => {});
  ended?.catch(() => {});
  try {
    const { uptimeMs } = await Promise.race([
      // A VMM that ends takes its channels along a moment before its end is known, which says more.
      ready.catch(async (error: unknown) => {
        if (hasCode(error, 'GUEST_LOST'))
          await Promise.race([ended, delay(endMs, undefined, { ref: false })]);
        throw error;
      }),
      late,
      ...(ended === undefined ? [] : [ended]),
    ]);
    const done = { ...boot, readyAt: new Date().toISOString(), readyUptimeMs: uptimeMs };
    await bootRecords.write(files.boot, done);
    return { ...vm, boot: done, status: 'running' };
  } catch (error) {
    options.signal.throwIfAborted();
    if (error instanceof MvmError && (error.code === 'BOOT_FAILED' || error.code === 'GUEST_LOST')) {
      throw new MvmError('BOOT_FAILED', error.message, {
        cause: error,
        details: error.details.length > 0 ? error.details : await consoleTail(files.consoleLog),
        log: files.consoleLog,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      });
    }
    throw error;
  } finally {
    over.abort();
    ready.catch(() => {});
  }
}

/** From the end of a VMM's channels to that of its process, in milliseconds. */
const endMs = 2000;

const killedHint =
  "sudo dmesg | grep -i 'killed process'   (the host's kernel ends programs when memory runs out); then the same command again";

const hasCode = (error: unknown, code: ErrorCode) => error instanceof MvmError && error.code === code;

function describeExit(exit: Awaited<Started['exited']>): string {
  return exit.signal === undefined ? `QEMU's status ${exit.status}` : `QEMU was killed by ${exit.signal}`;
}
