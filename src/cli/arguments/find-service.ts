import { MvmError } from '../../errors/mvm-error.ts';
import { nearest } from '../../errors/nearest.ts';
import type { ServiceState } from '../../guest/services/services.ts';
import { unitsOf } from '../../guest/services/units.ts';
import type { RunningVm, Vm } from '../../vm/state/vm.ts';
import type { Context } from '../context.ts';

/** What the agent knows by name. */
function unitNames(state: ServiceState): string[] {
  return unitsOf(state).map(({ name }) => name);
}

/** Asks a running VM how its services are. */
export async function servicesOf(context: Context, vm: RunningVm): Promise<ServiceState> {
  const { guestAccess } = await import('../../vm/condition/guest.ts');
  const { guestServices } = await import('../../guest/services/services.ts');
  const guest = guestAccess(vm, context.emit);
  return guestServices(guest, context.signal);
}

/**
 * What `[VM] [SERVICE]` name. One word alone is a VM where there is one of that name, else a service of the project's
 * VM: one that runs, or whose log is kept.
 * @throws MvmError VM_NOT_FOUND with the nearest of both
 */
export async function findVmAndService(
  context: Context,
  [first, second]: readonly (string | undefined)[],
): Promise<{ vm: Vm; service: string | undefined }> {
  const { findVm } = await import('../../vm/state/find.ts');
  const { paths, cwd } = context;
  if (first === undefined || second !== undefined)
    return { vm: await findVm(paths, cwd, first), service: second };
  const noVm = await findVm(paths, cwd, first).catch(isNotFound);
  if (!(noVm instanceof MvmError)) return { vm: noVm, service: undefined };
  const { isRunning } = await import('../../vm/state/vm.ts');
  const own = await findVm(paths, cwd, undefined).catch(isNotFound);
  if (own instanceof MvmError) throw noVm;
  if (!isRunning(own)) {
    const { readKeptLogs } = await import('../../vm/state/kept-logs.ts');
    const kept = await readKeptLogs(own.paths.serviceLogs, { service: first });
    if (kept?.services.has(first) === true) return { vm: own, service: first };
    const text = `There is no VM '${first}'. If you mean a service in ${own.name}, this project's VM: ${own.name} is ${own.status}.`;
    throw new MvmError('VM_NOT_FOUND', text, {
      details: [...(noVm.hint === undefined ? [] : [noVm.hint])],
      hint: `mvmctl logs ${own.name}   (the end of its console log)`,
    });
  }
  const names = unitNames(await servicesOf(context, own));
  if (names.includes(first)) return { vm: own, service: first };
  const { listVms } = await import('../../vm/state/list.ts');
  const meant = nearest(first, [...names, ...(await listVms(paths)).map(({ name }) => name)]);
  throw new MvmError(
    'VM_NOT_FOUND',
    `There is no VM '${first}', and no service of that name in ${own.name}.`,
    {
      hint: meant === undefined ? 'mvmctl ls, mvmctl ps' : `did you mean ${meant}?`,
    },
  );
}

function isNotFound(error: unknown): MvmError {
  if (error instanceof MvmError && error.code === 'VM_NOT_FOUND') return error;
  throw error;
}

/**
 * Runs an operation that names a service, whose errors then say what to do: there is a service of a similar name, its
 * log says more.
 * @throws MvmError what `work` throws
 */
export async function withService<T>(
  context: Context,
  vm: RunningVm,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof MvmError)) throw error;
    if (error.code === 'SERVICE_FAILED') {
      const { code, message, details } = error;
      throw new MvmError(code, message, { details, hint: `mvmctl logs ${vm.name} ${name}`, cause: error });
    }
    if (error.code !== 'SERVICE_NOT_FOUND') throw error;
    const names = unitNames(await servicesOf(context, vm));
    const meant = nearest(name, names);
    const has = names.length === 0 ? 'It runs no services.' : `It has ${names.join(', ')}.`;
    throw new MvmError('SERVICE_NOT_FOUND', `VM '${vm.name}' has no service '${name}'.`, {
      ...(meant === undefined ? { details: [has] } : {}),
      hint: meant === undefined ? `mvmctl ps ${vm.name}` : `did you mean ${meant}?`,
    });
  }
}
