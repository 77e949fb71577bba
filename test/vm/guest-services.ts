import { readLogs } from '../../src/guest/services/logs.ts';
import { followServices, type ServiceState } from '../../src/guest/services/services.ts';
import { findPaths } from '../../src/state/paths.ts';
import { guestAccess } from '../../src/vm/condition/guest.ts';
import { findRunningVm } from '../../src/vm/state/find.ts';
import type { VmHome } from './vm-home.ts';

/**
 * The first state of the services of the home's VM (or the one of that name) that `wanted` accepts. Rejects with the
 * last one seen where that takes longer than a minute.
 */
export async function servicesUntil(
  home: VmHome,
  wanted: (state: ServiceState) => boolean,
  name?: string,
): Promise<ServiceState> {
  const vm = await findRunningVm(findPaths(home.env), home.project, name);
  const guest = guestAccess(vm);
  let last: ServiceState | undefined;
  try {
    for await (const state of followServices(guest, AbortSignal.timeout(60_000))) {
      last = state;
      if (wanted(state)) return state;
    }
  } catch (cause) {
    throw new Error(`the services stayed ${JSON.stringify(last)}`, { cause });
  }
  throw new Error(`the VM ended with ${JSON.stringify(last)}`);
}

/** All services are ready, and this one was restarted so often. */
export const readyAgain =
  (name: string, restarts: number) =>
  (state: ServiceState): boolean =>
    state.services.every((unit) => unit.state === 'ready') &&
    state.services.some((unit) => unit.name === name && unit.restarts === restarts);

/** What a service of the home's VM (or the one of that name) has written, its own lines only. */
export async function serviceLog(home: VmHome, service: string, name?: string): Promise<string> {
  const vm = await findRunningVm(findPaths(home.env), home.project, name);
  const guest = guestAccess(vm);
  const lines: string[] = [];
  await readLogs(guest, { service }, (entries) => {
    for (const { text } of entries) lines.push(`${text}\n`);
  });
  return lines.join('');
}
