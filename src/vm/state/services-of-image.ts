import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Paths, vmPaths } from '../../state/paths.ts';
import type { BootRecord } from './record.ts';

/**
 * The services that the image of a VM's boot declares, at once and without complaint: for shell completion, which
 * has no time for the guest.
 */
export function imageServices(paths: Paths, vm: string): string[] {
  try {
    const { image } = read(vmPaths(paths, vm).boot);
    const { services } = read(join(String(image), 'image.json'));
    return Object.keys(services as object);
  } catch {
    // Completion has nothing to offer for a VM that is not running, and shows no errors.
    return [];
  }
}

function read(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
}

/** Whether the image of a boot has anything whose output the guest keeps; true where that can't be told. */
export async function imageHasUnits({
  image,
  entrypointKind,
}: Pick<BootRecord, 'image' | 'entrypointKind'>): Promise<boolean> {
  if (entrypointKind !== 'shell') return true;
  try {
    const { services = {} } = JSON.parse(await readFile(join(image, 'image.json'), 'utf8')) as {
      services?: object;
    };
    return Object.keys(services).length > 0;
  } catch {
    // Whoever asks the guest is told by it.
    return true;
  }
}
