import { silent } from '../../src/events/events.ts';
import type { Image } from '../../src/image/load-image.ts';
import { findPaths, vmPaths } from '../../src/state/paths.ts';
import { ensureDir } from '../../src/state/write.ts';
import { bootVm } from '../../src/vm/boot/boot.ts';
import { ensureDisk } from '../../src/vm/boot/disk.ts';
import { ensureBackend } from '../../src/vm/boot/ensure-backend.ts';
import { newVmId } from '../../src/vm/boot/plan.ts';
import type { DiskUse } from '../../src/vm/state/kind.ts';
import { type VmRecord, vmRecords } from '../../src/vm/state/record.ts';
import type { RunningVm } from '../../src/vm/state/vm.ts';
import { type Result, testCache } from '../mvmctl.ts';
import type { VmHome } from './vm-home.ts';

const name = 'image-vm';

/** Boots an image as a VM of the home, without a project; one that was stopped keeps its disk. */
export async function bootImage(
  home: Pick<VmHome, 'env' | 'project'>,
  image: Image,
  disk: DiskUse = 'none',
): Promise<RunningVm> {
  const paths = { ...findPaths(home.env), cache: testCache };
  const files = vmPaths(paths, name);
  const record: VmRecord = (await vmRecords.read(files.record)) ?? {
    id: newVmId(),
    name,
    kind: 'dev',
    defaultOf: null,
    project: home.project,
    arch: 'x86_64',
    vcpus: 1,
    memoryMib: 256,
    env: {},
    sources: {},
    createdAt: new Date().toISOString(),
  };
  const options = { paths, env: home.env, emit: silent, signal: AbortSignal.timeout(120_000), disk };
  await ensureDir(files.dir, 0o700);
  await vmRecords.write(files.record, record);
  if (disk !== 'none') await ensureDisk(files.disk);
  const stopped = {
    name,
    paths: files,
    status: 'stopped' as const,
    record,
    vmm: undefined,
    boot: undefined,
    forwards: [],
    problem: undefined,
    restored: [],
  };
  return bootVm(stopped, image, await ensureBackend('x86_64', options), options);
}

export const inImageVm = (home: VmHome, ...argv: string[]): Promise<Result> =>
  home.run(['exec', name, '--', ...argv]);

export const stopImageVm = (home: VmHome): Promise<Result> => home.run(['stop', name]);
