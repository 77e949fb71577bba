import { existsSync, readdirSync } from 'node:fs';
import { systemCode } from '../../errors/mvm-error.ts';
import { type Paths, vmsDir } from '../../state/paths.ts';
import { loadVm, type Vm } from './vm.ts';

/** All VMs, by name; damaged ones included. */
export async function listVms(paths: Paths): Promise<Vm[]> {
  let names: string[];
  try {
    names = readdirSync(vmsDir(paths));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    // A file in its place is an error; one further up means that there is nothing yet.
    if (systemCode(error) === 'ENOTDIR' && !existsSync(vmsDir(paths))) return [];
    throw error;
  }
  const vms = await Promise.all(
    names
      .filter((name) => !name.startsWith('.'))
      .sort()
      .map((name) => loadVm(paths, name)),
  );
  return vms.filter((vm) => vm !== undefined);
}
