import { readdirSync } from 'node:fs';
import { type Paths, vmsDir } from '../../state/paths.ts';

/** The builder's name as a VM, which no other VM has. */
export const builderName = 'mvm-builder';

/** The names of all VMs, at once and without complaint: for shell completion. */
export function vmNames(paths: Paths): string[] {
  try {
    return readdirSync(vmsDir(paths))
      .filter((name) => !name.startsWith('.'))
      .sort();
  } catch {
    // Completion has nothing to offer where there is no state folder, and nobody to tell.
    return [];
  }
}
