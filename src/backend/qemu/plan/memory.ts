import type { Available } from '../../backend.ts';
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

export function memory(mib: number, probe: Available): string[] {
  const size = `${mib}M`;
  return [
    ...['-m', size],
    ...(byPage(probe) ? ['-object', option('memory-backend-memfd', { id, size, share: true })] : []),
  ];
}
