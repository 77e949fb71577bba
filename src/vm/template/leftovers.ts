import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultBackend as backend } from '../../backend/registry.ts';
import { makeRuntimeDir } from '../boot/runtime-dir.ts';
import type { Surroundings } from '../surroundings.ts';

/** Marks the machine of a template that is being made: no VM has such a name. */
export const makingId = (key: string): string => key.slice(0, 12);

/**
 * Ends what a killed maker left running, and removes what it left. The caller holds the template's lock.
 * @param dir the folder in which it was being made
 */
export async function clearMaking(
  dir: string,
  key: string,
  { paths, env }: Pick<Surroundings, 'paths' | 'env'>,
): Promise<void> {
  const runtimeDir = await makeRuntimeDir(paths, makingId(key), env);
  const left = await backend.findOrphan({ id: undefined, vmDir: dir });
  if (left !== undefined) await backend.stop(left, runtimeDir, { force: true });
  await rm(runtimeDir, { recursive: true, force: true });
  await rm(dir, { recursive: true, force: true });
}

export const makingDir = (templates: string, key: string): string => join(templates, `${key}.tmp`);
