import { existsSync } from 'node:fs';
import { isAlive } from '../../process/identity.ts';
import type { VmPaths } from '../../state/paths.ts';
import type { Loaded } from '../../state/record.ts';
import type { BootRecord, VmmRecord, VmRecord } from './record.ts';

/** What the VM's files say of it. */
export interface Records {
  record: Loaded<VmRecord>;
  boot: Loaded<BootRecord>;
  vmm: Loaded<VmmRecord>;
}

/**
 * The living VMM of a VM: the recorded one; one whose starter was killed before it could record it; or, where a record
 * is damaged or lost, one that is found among this user's processes. A VM in good order costs no search.
 */
export async function findVmm(
  files: VmPaths,
  { record, boot, vmm }: Records,
): Promise<VmmRecord | undefined> {
  if (vmm.value !== undefined && (await isAlive(vmm.value))) return vmm.value;
  const damaged = [record, boot, vmm].some(({ problem }) => problem !== undefined);
  const booted = boot.value !== undefined || existsSync(files.pid);
  if (!damaged && (!booted || vmm.value !== undefined)) return undefined;
  // Loaded on use: a listing of VMs in good order needs no backend.
  const { defaultBackend } = await import('../../backend/registry.ts');
  const found = await defaultBackend.findOrphan({
    id: record.value?.id,
    vmDir: files.dir,
    everywhere: damaged || vmm.value === undefined,
  });
  return found === undefined ? undefined : { ...found, startedAt: new Date().toISOString() };
}

/** As `findVmm`, for what must not overlook one: searches whatever the files say. */
export async function findAnyVmm(files: VmPaths, id: string | undefined): Promise<VmmRecord | undefined> {
  const { defaultBackend } = await import('../../backend/registry.ts');
  const found = await defaultBackend.findOrphan({ id, vmDir: files.dir, everywhere: true });
  return found === undefined ? undefined : { ...found, startedAt: new Date().toISOString() };
}
