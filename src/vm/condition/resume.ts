import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { backendByName } from '../../backend/registry.ts';
import { MvmError } from '../../errors/mvm-error.ts';
import { isAlive } from '../../process/identity.ts';
import { spawnDetached } from '../../process/spawn-detached.ts';
import { tryOrGoOn } from '../../state/lock.ts';
import type { RunningVm } from '../state/vm.ts';

type PausedVm = Pick<RunningVm, 'boot' | 'vmm' | 'paths'>;

/** Free space with which a paused guest is tried again, in bytes: one that needs more pauses again, and loses nothing. */
const enough = 2 ** 20;
/** How often the space is looked at, in milliseconds: there is no event for a file system that has space again. */
const lookMs = 2000;
/** A guest that pauses again at once is tried less and less often. */
const longestMs = 30_000;

function hasSpace({ paths }: PausedVm): boolean {
  const { bavail, bsize } = statfsSync(paths.dir);
  return bavail * bsize >= enough;
}

/**
 * Has a process of its own (cli/commands/resume.ts), which ends with its work or with the VM, let the guest run on
 * once the host's disk has space. One at a time does so; to start another does no harm. False where it can't be
 * started: the next command that finds the VM paused tries again.
 */
export async function resumeWhenSpace({ paths }: Pick<PausedVm, 'paths'>): Promise<boolean> {
  const [, script = ''] = process.argv;
  const argv = [process.execPath, script, 'resume-when-space', paths.dir];
  try {
    await spawnDetached(argv, { logPath: undefined, cwd: '/' });
    return true;
  } catch (error) {
    if (error instanceof MvmError) return false;
    throw error;
  }
}

/** Waits for space and lets the guest run on; ends when it runs, or its VMM has ended. */
export async function resumeAsSpaceComes(vm: PausedVm): Promise<void> {
  const { backend: name, runtimeDir } = vm.boot;
  const backend = backendByName(name);
  // Where there is no room for a lock, two that do the same harm nobody.
  const lock = await tryOrGoOn(join(runtimeDir, 'resume.lock'), () => {});
  if (lock === undefined) return;
  try {
    for (let pause = lookMs; await isAlive(vm.vmm); ) {
      const state = await backend.runState(vm.vmm, runtimeDir);
      if (state === 'running' || state === 'paused') return;
      if (state.startsWith('host-') && hasSpace(vm)) {
        await backend.resume(runtimeDir);
        pause = Math.min(pause * 2, longestMs);
      }
      await delay(pause);
    }
  } finally {
    await lock.release();
  }
}

/** Resumes a guest that was paused by its host or by a user; false if that is not possible now. */
export async function runOn(vm: PausedVm): Promise<boolean> {
  const { backend: name, runtimeDir } = vm.boot;
  const backend = backendByName(name);
  let state = await backend.runState(vm.vmm, runtimeDir);
  if (state === 'stopped') {
    process.kill(vm.vmm.pid, 'SIGCONT');
    state = await backend.runState(vm.vmm, runtimeDir);
  }
  if (state === 'running' || state === 'unknown') return true;
  if (state === 'stopped' || (state === 'host-disk-full' && !hasSpace(vm))) return false;
  await backend.resume(runtimeDir);
  // A write that fails again pauses it again, at once.
  await delay(100);
  return (await backend.runState(vm.vmm, runtimeDir)) === 'running';
}
