import { existsSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import type { Available } from '../../backend/backend.ts';
import { defaultBackend } from '../../backend/registry.ts';
import { memoryInWords } from '../../config/amount.ts';
import type { Settings } from '../../config/settings.ts';
import { MvmError } from '../../errors/mvm-error.ts';
import { phase } from '../../events/events.ts';
import { bareFlake, type Project } from '../../project/project.ts';
import { forgetKeys } from '../../ssh/forget.ts';
import { vmPaths } from '../../state/paths.ts';
import { bootVm, checkSpec } from '../boot/boot.ts';
import { ensureDisk, removeDisk } from '../boot/disk.ts';
import { ensureBackend } from '../boot/ensure-backend.ts';
import { checkSizes } from '../boot/plan.ts';
import { requireDevImage } from '../images/accessible.ts';
import { defaultImage, isBareShell } from '../images/default-image.ts';
import { findAnyVmm } from '../state/find-vmm.ts';
import { diskUse, kinds } from '../state/kind.ts';
import { type Architecture, ownArch, type VmRecord, vmRecords } from '../state/record.ts';
import type { RunningVm, Vm } from '../state/vm.ts';
import { endVmm, forgetBoot } from '../stop.ts';
import { templateUse } from '../template/use.ts';
import { devFiles } from './dev-files.ts';
import { askedImage, askedSizes, nextRecord } from './next-record.ts';
import type { UpOptions } from './request.ts';
import { refuseUndeclared, wantedForwards } from './wanted-forwards.ts';
import { wantedShares } from './wanted-shares.ts';

/**
 * Boots a VM that does not run, or does not exist yet, from the project's image. The caller holds its lock.
 * @throws MvmError what building, `checkSpec`, `ensureBackend` and `bootVm` throw; USAGE for another architecture
 */
export async function startVm(
  found: Vm | undefined,
  name: string,
  project: Project,
  settings: Settings,
  options: UpOptions,
): Promise<RunningVm> {
  const { paths, emit, signal, kind } = options;
  const files = vmPaths(paths, name);
  if (found !== undefined && found.vmm === undefined) await refuseLostVmm(found);
  const arch = chooseArch(found, name, options);
  checkSizes(askedSizes(found?.record, settings), arch, defaultBackend);
  await checkFlake(project, settings, arch, options);
  const giving = kind === 'dev' ? devFiles(project, settings, options) : Promise.resolve({});
  giving.catch(() => {}); // thrown where it is awaited
  const probe: Available = await ensureBackend(arch, options);
  emit({ type: 'note', level: 'info', text: probe.notice });
  const own = await options.build?.image({ kind, project, settings, arch });
  const image = own?.image ?? (await defaultImage(arch, options));
  signal.throwIfAborted();
  if (kind === 'dev') requireDevImage(image, settings.profile?.value ?? kinds.dev.profile);
  const shares = wantedShares(kind, project, settings, options);
  const wanted = wantedForwards(kind, options.ports ?? [], settings);
  if (image.spec.sealed) refuseUndeclared(name, image.spec, wanted);
  const record = nextRecord(found?.record, image, settings, {
    kind,
    name,
    arch,
    project: project.dir,
    own: options.name === undefined,
    throwaway: options.throwaway === true,
  });
  const vm: Vm & { record: VmRecord } = {
    ...(found ?? { vmm: undefined, boot: undefined, forwards: [], problem: undefined, restored: [] }),
    name,
    paths: files,
    status: 'stopped',
    record,
  };
  const disk = diskUse(kind, image);
  const asked = askedImage(settings);
  const given = await giving;
  const boot = { ...options, disk, asked, source: own?.source, follow: wanted.follow, shares, given };
  // What can't be started is refused before the disk is emptied and the sizes are remembered.
  const { spec } = await checkSpec(vm, image, boot);
  // Nor is a VM ended for one that does not start.
  if (found?.vmm !== undefined) {
    await phase(emit, 'stop', `Stopping ${name}`, (progress) => endVmm(found, options, progress));
    vm.vmm = undefined;
  }
  if (options.reset === true) {
    await removeDisk(files.disk);
    await rm(files.overlays, { recursive: true, force: true });
    await forgetKeys(files.dir);
  } else if (found !== undefined && kind === 'dev' && !existsSync(files.disk)) {
    const text = `The disk of '${name}', ${files.disk}, is missing, so it starts with an empty one.`;
    emit({ type: 'note', level: 'warn', text });
  }
  if (disk !== 'none') await ensureVmDisk(files.disk, name, settings, options);
  if (found === undefined || changed(found.record, record)) await vmRecords.write(files.record, record);
  if (found !== undefined) await forgetBoot(found);
  const { template, makeNext } = await templateUse(
    image,
    spec,
    probe,
    options,
    options.fromTemplate !== false,
  );
  const started = await bootVm(vm, image, probe, { ...boot, template });
  if (started.boot.template === undefined) await makeNext(name);
  return started;
}

/** A disk that exists keeps its size: what is on it fills the file system that was made for it. */
async function ensureVmDisk(
  path: string,
  name: string,
  { diskMib: asked }: Settings,
  { emit, kind }: UpOptions,
): Promise<void> {
  await ensureDisk(path, asked && asked.value * 2 ** 20);
  const { size } = await stat(path);
  if (asked === undefined || size === asked.value * 2 ** 20) return;
  const anew = kind === 'dev' ? `mvmctl dev up --reset` : `mvmctl rm ${name}`;
  const text = `The disk of '${name}' stays at ${memoryInWords(size / 2 ** 20)}, although ${asked.source} asks for ${memoryInWords(asked.value)}. To replace it with an empty one of that size: ${anew}`;
  emit({ type: 'note', level: 'warn', text });
}

/** A QEMU without a record would share its disk and sockets with a second one. Throws VM_RUNNING. */
async function refuseLostVmm({ name, paths, record }: Vm): Promise<void> {
  const lost = await findAnyVmm(paths, record?.id);
  if (lost === undefined) return;
  throw new MvmError(
    'VM_RUNNING',
    `VM '${name}' is still running (QEMU is process ${lost.pid}), but the record of its boot is lost.`,
    { hint: `mvmctl stop --force ${name}   (then run the same command again)` },
  );
}

function changed(before: VmRecord | undefined, after: VmRecord): boolean {
  return JSON.stringify(before) !== JSON.stringify(after);
}

/** Where there is a disk, the architecture can't change: the disk holds what programs for that one made. */
function chooseArch(found: Vm | undefined, name: string, options: UpOptions): Architecture {
  const before = found?.record?.arch;
  const arch = options.arch ?? before ?? ownArch();
  if (found === undefined || before === undefined || arch === before || options.reset === true) return arch;
  if (!existsSync(found.paths.disk)) return arch;
  const other = `mvmctl ${kinds[options.kind].command} --arch ${arch} --name ${name.slice(0, 28)}-${arch === 'aarch64' ? 'arm' : 'x86'}`;
  const empty = options.kind === 'dev' ? '--reset' : `mvmctl rm ${name}`;
  throw new MvmError('USAGE', `VM '${name}' is ${before}; its disk can't change to ${arch}.`, {
    hint: `${other}   (or ${empty}, which empties its disk)`,
  });
}

/**
 * Says in one line why it is the default image that boots; a shell is what `dev up` is expected to give. `up` runs what a
 * flake declares. Throws USAGE where none does.
 */
async function checkFlake(
  project: Project,
  settings: Settings,
  arch: Architecture,
  { kind, emit, paths }: UpOptions,
): Promise<void> {
  if (settings.flake !== undefined) return;
  const bare = await bareFlake(project);
  if (kind === 'up' && (await isBareShell(paths, arch))) {
    if (bare !== undefined)
      throw new MvmError(
        'USAGE',
        `${bare} exists, but no mvm.toml names it, so it is not run unless you ask for it.`,
        {
          hint: 'mvmctl up --flake .   (or mvmctl init, which writes an mvm.toml for it)',
        },
      );
    throw new MvmError('USAGE', `${project.dir} names no flake, so there is nothing to run.`, {
      details: [`'up' builds and runs the output packages.${arch}-linux.default of the project's flake.`],
      hint: 'mvmctl init   (writes a flake; mvmctl dev up opens a shell without one)',
    });
  }
  if (bare === undefined || kind === 'up') return;
  const text = `${bare} exists but is not used, because no mvm.toml names it. To use it: mvmctl init`;
  emit({ type: 'note', level: 'info', text });
}
