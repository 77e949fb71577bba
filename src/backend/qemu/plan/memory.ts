import type { Available, VmSpec } from '../../backend.ts';
import { option } from './option.ts';

/** The machine's memory, where it is an object of its own. */
const id = 'ram';

/**
 * Under emulation on Linux, memory comes from a memfd, which the host fills in pages of 4 KiB. Else QEMU asks for huge
 * ones, with which a boot takes longer; docs/backends.md has the numbers. A guest that runs on the CPU itself needs them.
 */
const byPage = ({ accelerator, memfd }: Available): boolean => accelerator === 'tcg' && memfd;

/** What the machine (`-M`) has to say of its memory. */
export function memoryOfMachine(probe: Available): Record<string, string> {
  return byPage(probe) ? { 'memory-backend': id } : {};
}

/**
 * A template's is in a file: written to by the machine that is saved, and mapped for itself alone by each that goes on from it, which
 * gets pages of its own where it writes.
 */
export function memory({ memoryMib, template }: VmSpec, probe: Available): string[] {
  const size = `${memoryMib}M`;
  const object = (kind: string, more: Record<string, string | boolean>): string[] => [
    '-object',
    option(kind, { id, size, ...more }),
  ];
  const backend =
    template === undefined
      ? object('memory-backend-memfd', { share: true })
      : object('memory-backend-file', { 'mem-path': template.memory, share: template.use === 'save' });
  return ['-m', size, ...(byPage(probe) ? backend : [])];
}

/**
 * Only what has been tried: emulation of x86_64. Memory must be an object that a file can take the place of.
 */
export const hasTemplates = (probe: Available): boolean => byPage(probe) && probe.arch === 'x86_64';
