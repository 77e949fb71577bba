import { randomBytes } from 'node:crypto';
import type { Backend, Disk, VmSpec } from '../../backend/backend.ts';
import type { Sourced } from '../../config/settings.ts';
import { MvmError } from '../../errors/mvm-error.ts';
import type { Image } from '../../image/load-image.ts';
import type { VmPaths } from '../../state/paths.ts';
import type { Architecture, VmRecord } from '../state/record.ts';

/** Channels for operations at the same time; what each costs at boot is in docs/backends.md. */
export const poolPorts = 8;

/** Apparent size of a dev VM's disk; it occupies what is written to it. */
export const diskBytes = 16 * 2 ** 30;

/** A new VM's identifier: 12 hex digits. */
export const newVmId = (): string => randomBytes(6).toString('hex');

/**
 * Refuses a size that this host can't give. It is known before the image is, and a build is long.
 * @throws MvmError RESOURCES, BACKEND_UNSUPPORTED, with the place that asked for it
 */
export function checkSizes(
  sizes: { vcpus?: Sourced<number> | undefined; memoryMib?: Sourced<number> | undefined },
  arch: Architecture,
  backend: Backend,
): void {
  for (const name of ['vcpus', 'memoryMib'] as const) {
    const asked = sizes[name];
    if (asked === undefined) continue;
    const problem = backend.validate({ ...smallest(arch), [name]: asked.value })[0];
    if (problem === undefined) continue;
    const { code, message, hint } = problem;
    throw new MvmError(code, `${asked.source}: ${message}`, hint === undefined ? {} : { hint });
  }
}

/** A machine that any host can run. */
const smallest = (arch: Architecture): VmSpec => ({
  id: '',
  name: '',
  arch,
  vcpus: 1,
  memoryMib: 256,
  kernel: '',
  initrd: '',
  commandLine: '',
  disks: [],
  network: 'user',
  vmDir: '/',
  runtimeDir: '/',
  ports: poolPorts,
});

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
