import type { Emit } from '../events/events.ts';
import { lockHolder } from '../state/lock.ts';
import type { Paths } from '../state/paths.ts';
import { removeVm } from './remove.ts';
import { listVms } from './state/list.ts';
import { isLeftover } from './state/vm.ts';

/** Removes VMs that were there for one command, and have ended without it: it was killed. */
export async function removeLeftovers(
  paths: Paths,
  { emit, signal }: { emit: Emit; signal: AbortSignal },
): Promise<void> {
  for (const vm of await listVms(paths)) {
    if (!isLeftover(vm)) continue;
    // It is about to start, or another command removes it.
    if ((await lockHolder(vm.paths.lock)) !== undefined) continue;
    await removeVm(paths, vm.name, { paths, emit, signal, force: true });
  }
}
