import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Paths, vmPaths } from '../../state/paths.ts';

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
    // Completion has nothing to offer for a VM that does not run, and nobody to tell.
    return [];
  }
}

function read(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
}
