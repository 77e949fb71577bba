import { open } from 'node:fs/promises';
import { MvmError, systemCode } from '../../errors/mvm-error.ts';
import type { Vm } from './vm.ts';

/** Kernel complaints that every boot shows and that mean nothing: PCI is found through ACPI a moment later. */
export const harmlessLines = /PCI: Fatal: No config space access function found/;

/** Where a kernel begins to say that it dies; what follows is mostly registers. */
const death = /Kernel panic|Internal error: Oops|Oops: |BUG: |Unable to handle kernel|double fault/;

/**
 * The last lines of a guest's serial console, or, where its kernel died, the first lines about that; empty
 * where there is no log.
 */
export async function consoleTail(path: string, lines = 12): Promise<string[]> {
  const read = 16 * 1024;
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const buffer = Buffer.alloc(Math.min(size, read));
      await file.read(buffer, 0, buffer.length, Math.max(0, size - read));
      const all = buffer
        .toString('utf8')
        .split(/\r?\n/)
        .filter((line) => line.trim() !== '' && !harmlessLines.test(line));
      const first = all.findIndex((line) => death.test(line));
      return first < 0 ? all.slice(-lines) : all.slice(first, first + lines);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** GUEST_LOST for a VM that ended under an operation, with what its console shows. */
export async function vmEnded(
  { name, paths }: Pick<Vm, 'name' | 'paths'>,
  when: string,
  cause: MvmError,
): Promise<MvmError> {
  return new MvmError('GUEST_LOST', `The VM '${name}' ended ${when}.`, {
    cause,
    details: await consoleTail(paths.consoleLog),
    log: paths.consoleLog,
  });
}
