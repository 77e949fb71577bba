import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Paths, type VmPaths, vmPaths } from '../../state/paths.ts';
import { builderName } from '../../vm/state/names.ts';
import { loadVm, type Vm } from '../../vm/state/vm.ts';

/**
 * The paths under which the builder is a VM like any other: a folder of its own keeps it out of the user's
 * list and its name free.
 */
export function builderPaths(paths: Paths): Paths {
  return { ...paths, state: join(paths.state, 'builder') };
}

/** The builder as a VM; undefined where none was ever made. */
export async function loadBuilder(paths: Paths): Promise<Vm | undefined> {
  if (!existsSync(vmPaths(builderPaths(paths), builderName).record)) return undefined;
  return loadVm(builderPaths(paths), builderName);
}

export interface BuilderFiles extends VmPaths {
  /** Held while a build runs. */
  jobLock: string;
  /** A description of what its holder builds; may be out of date. */
  jobNote: string;
}

export function builderFiles(paths: Paths): BuilderFiles {
  const files = vmPaths(builderPaths(paths), builderName);
  return { ...files, jobLock: join(files.dir, 'job.lock'), jobNote: join(files.dir, 'job.txt') };
}
