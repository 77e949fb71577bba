import { mkdir, open, rename, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Available, Started, VmSpec } from '../../backend/backend.ts';
import { defaultBackend as backend } from '../../backend/registry.ts';
import { MvmError } from '../../errors/mvm-error.ts';
import type { Image } from '../../image/load-image.ts';
import { templateArchive, type VmConfig, writeBootInitrd } from '../../image/vm-config.ts';
import { templateWaits } from '../../protocol/configuration.ts';
import { acquireLock, tryLock } from '../../state/lock.ts';
import { templatesDir } from '../../state/paths.ts';
import { ensureDir } from '../../state/write.ts';
import { brokenByEmulator } from '../boot/broken-by-emulator.ts';
import { makeRuntimeDir } from '../boot/runtime-dir.ts';
import { consoleTail } from '../state/console-tail.ts';
import type { Surroundings } from '../surroundings.ts';
import { anonymous } from './key.ts';
import { clearMaking, makingDir, makingId } from './leftovers.ts';
import {
  failureFile,
  loadTemplate,
  noteFailure,
  recordTemplate,
  removeTemplate,
  templateDir,
  templateFiles,
} from './store.ts';

/** How long a machine may take until it can be saved, in milliseconds: in the background it gets what others leave. */
const bootMs = 300_000;

export interface Wanted {
  key: string;
  image: Image;
  /** A VM's. */
  spec: VmSpec;
  /** What its guest is told of its disks. */
  disks: Pick<VmConfig, 'rootfs' | 'disk'>;
}

/**
 * Boots a machine up to where it would learn which VM it is, and saves it. False where it is there already, or, unless this call
 * waits, another process is at it. What fails is noted, so that it is not tried at every start.
 * @throws MvmError BACKEND_FAILED, BOOT_FAILED, BOOT_TIMEOUT, STATE_WRITE, INTERRUPTED
 */
export async function makeTemplate(
  wanted: Wanted,
  probe: Available,
  options: Surroundings,
  waits: boolean,
): Promise<boolean> {
  const { paths, signal } = options;
  const { key } = wanted;
  await ensureDir(templatesDir(paths), 0o700);
  const lockPath = `${templateDir(paths, key)}.lock`;
  const lock = waits
    ? await acquireLock(lockPath, { what: 'this template', waitMs: bootMs, signal })
    : await tryLock(lockPath);
  if (lock === undefined) return false;
  const dir = makingDir(templatesDir(paths), key);
  try {
    const found = await loadTemplate(paths, key);
    if (found === 'damaged') await removeTemplate(paths, key);
    else if (found !== undefined) return false;
    await clearMaking(dir, key, options);
    await save(wanted, dir, probe, options);
    await rename(dir, templateDir(paths, key));
    await rm(failureFile(paths, key), { force: true });
    return true;
  } catch (error) {
    // What may go well the next time is tried then.
    if (!signal.aborted && !brokenByEmulator(error, probe.accelerator)) await noteFailure(paths, key, error);
    throw error;
  } finally {
    await clearMaking(dir, key, options);
    await lock.release();
  }
}

/** The folder is complete afterwards, and its files are on the disk. */
async function save(
  { key, image, spec, disks }: Wanted,
  dir: string,
  probe: Available,
  { paths, env, emit, signal }: Surroundings,
): Promise<void> {
  await mkdir(dir, { mode: 0o700 });
  const files = templateFiles(dir);
  const runtimeDir = await makeRuntimeDir(paths, makingId(key), env);
  const initrd = join(dir, 'initrd');
  const config = { ports: spec.ports, rootfs: disks.rootfs, placeholder: disks.disk?.device ?? '' };
  await writeBootInitrd(image, templateArchive(config), initrd);
  const machine = { ...(await anonymous(spec)), id: makingId(key), initrd, vmDir: dir, runtimeDir };
  const plan = backend.plan({ ...machine, template: { ...files, use: 'save' } }, probe);
  emit({ type: 'debug', text: plan.argv.join(' ') });
  const started = await backend.start(plan);
  try {
    const port = await backend.connect(runtimeDir, 'event');
    try {
      await saysThatItWaits(port, started, dir, signal);
      await backend.save(runtimeDir, files.state);
    } finally {
      port.destroy();
    }
  } finally {
    await backend.stop(started.identity, runtimeDir, { force: true });
  }
  for (const name of ['initrd', 'qemu.pid', 'vmm.log', 'console.log'])
    await rm(join(dir, name), { force: true });
  const memory = await open(files.memory, 'r+');
  try {
    await memory.chmod(0o600);
    await memory.sync();
  } finally {
    await memory.close();
  }
  await recordTemplate(dir, {
    image: image.dir,
    imageName: image.spec.name,
    vcpus: spec.vcpus,
    memoryMib: spec.memoryMib,
    madeAt: new Date().toISOString(),
  });
}

/** Resolves when the guest says that it can be saved. */
async function saysThatItWaits(
  port: Socket,
  { exited }: Started,
  dir: string,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const failed = async (code: 'BOOT_FAILED' | 'BOOT_TIMEOUT', what: string): Promise<never> => {
    throw new MvmError(code, `The machine of the template ${what}.`, {
      details: await consoleTail(join(dir, 'console.log')),
    });
  };
  const late = delay(bootMs, undefined, { signal: either, ref: false }).then(() =>
    failed('BOOT_TIMEOUT', `was not ready after ${bootMs / 1000} seconds`),
  );
  const ended = exited.then(() => failed('BOOT_FAILED', 'ended before it could be saved'));
  const said = new Promise<void>((resolve) => {
    let text = '';
    port.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (text.endsWith(templateWaits)) resolve();
    });
  });
  for (const one of [late, ended]) one.catch(() => {});
  try {
    await Promise.race([late, ended, said]);
  } finally {
    over.abort();
  }
}
