import { MvmError } from '../../errors/mvm-error.ts';
import { projectSettings } from '../../project/project-settings.ts';
import { acquireLock } from '../../state/lock.ts';
import { vmPaths } from '../../state/paths.ts';
import { ensureDir } from '../../state/write.ts';
import { checkBackend } from '../boot/choose-backend.ts';
import { isLeaving } from '../condition/leaving.ts';
import { kinds, startCommand } from '../state/kind.ts';
import type { VmKind } from '../state/record.ts';
import { restoreRecords } from '../state/restore.ts';
import { loadVm, type RunningVm, type Vm } from '../state/vm.ts';
import { chooseName } from './choose-name.ts';
import { isHalfResumed } from './half-resumed.ts';
import { joinVm } from './join.ts';
import type { UpOptions } from './request.ts';
import { wantsRestart } from './stale.ts';
import { startVm } from './start.ts';
import { type WantedForwards, wantedForwards } from './wanted-forwards.ts';

export interface UpResult {
  vm: RunningVm;
  /** False where it ran already. */
  started: boolean;
  /** There was no such VM before. */
  created: boolean;
  /** What is to be forwarded now. */
  wanted: WantedForwards;
}

/**
 * Gets the project's VM of the given kind running: creates it, boots it, or finds it running. Two calls at once result in one VM:
 * the second waits for the lock and finds it running.
 */
export async function bringUp(options: UpOptions): Promise<UpResult> {
  const { paths, emit, kind } = options;
  const { vcpus, memoryMib, flake, profile, nixpkgs, mount, variables } = options;
  const flags = { vcpus, memoryMib, flake, profile, nixpkgs, mount, env: variables };
  const { project, settings } = await projectSettings(options.cwd, flags, options.env);
  checkBackend(settings, emit);
  const wanted = wantedForwards(kind, options.ports ?? [], settings);
  const name = await chooseName(kind, project, settings.name, options);
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
    if (found?.problem !== undefined) throw found.problem;
    if (found !== undefined) checkKind(found, kind);
    if (found !== undefined) await restoreRecords(found, emit);
    const runs =
      found?.vmm !== undefined && !(await isLeaving(found, options)) && !(await isHalfResumed(found));
    if (runs && options.restart !== true) {
      const vm = await joinVm(found, settings, options);
      if (!(await wantsRestart(vm, project, settings, options)))
        return { vm, started: false, created: false, wanted };
    }
    // A VM that should be replaced is stopped only once its successor can be booted.
    const before = found?.vmm === undefined || runs ? found : await loadVm(paths, name);
    if (wanted.forwards.length > 0) {
      const { checkFree } = await import('./check-free.ts');
      await checkFree(wanted.forwards, found?.boot?.runtimeDir);
    }
    const vm = await startVm(before, name, project, settings, options);
    return { vm, started: true, created: found === undefined, wanted };
  } finally {
    await lock.release();
  }
}

/** The disk of the one kind means nothing to the other. */
function checkKind({ name, record }: Vm, kind: VmKind): void {
  if (record === undefined || record.kind === kind) return;
  throw new MvmError('USAGE', `'${name}' is a ${kinds[record.kind].words}, not a ${kinds[kind].words}.`, {
    hint: `${startCommand(record)}   (or another --name)`,
  });
}
