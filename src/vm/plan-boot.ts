import { randomBytes } from 'node:crypto';
import type { Backend, Disk, VmSpec } from '../backend/backend.ts';
import { MvmError } from '../errors/mvm-error.ts';
import type { Image } from '../image/load-image.ts';
import type { VmPaths } from '../state/paths.ts';
import type { VmRecord } from './record.ts';

/** Channels for operations at the same time; what each costs at boot is in docs/backends.md. */
export const poolPorts = 8;

/** Apparent size of a dev VM's disk; it occupies what is written to it. */
export const diskBytes = 16 * 2 ** 30;

/** A new VM's identifier: 12 hex digits. */
export const newVmId = (): string => randomBytes(6).toString('hex');

/**
 * The specification of a boot. Throws the first of the backend's problems with it.
 * @param disks from `bootDisks`
 */
export function specOf(
  record: VmRecord,
  image: Image,
  files: VmPaths,
  disks: readonly Disk[],
  runtimeDir: string,
  backend: Backend,
): VmSpec {
  const spec: VmSpec = {
    id: record.id,
    name: record.name,
    arch: record.arch,
    vcpus: record.vcpus,
    memoryMib: record.memoryMib,
    kernel: image.kernel,
    initrd: files.initrd,
    commandLine: image.spec.kernelCommandLine,
    disks,
    network: 'user',
    vmDir: files.dir,
    runtimeDir,
    ports: poolPorts,
  };
  const problem = backend.validate(spec)[0];
  if (problem !== undefined) {
    throw new MvmError(
      problem.code,
      problem.message,
      problem.hint === undefined ? {} : { hint: problem.hint },
    );
  }
  return spec;
}
