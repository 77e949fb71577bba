import { readdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { systemCode } from '../errors/mvm-error.ts';
import { type Paths, vmsDir } from '../state/paths.ts';
import { loadVm, type Vm } from './vm.ts';

/** All VMs, by name; damaged ones included. */
export async function listVms(paths: Paths): Promise<Vm[]> {
  let names: string[];
  try {
    names = await readdir(vmsDir(paths));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
  const vms = await Promise.all(names.sort().map((name) => loadVm(paths, name)));
  return vms.filter((vm) => vm !== undefined);
}

/** Names only, at once and without complaint: for shell completion. */
export function vmNames(paths: Paths): string[] {
  try {
    return readdirSync(vmsDir(paths)).sort();
  } catch {
    // Completion has nothing to offer where there is no state folder, and nobody to tell.
    return [];
  }
}
