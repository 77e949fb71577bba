import { MvmError } from '../errors/mvm-error.ts';

/** Text of ENOSPC as C libraries print it, and SQLite's. */
const full = /No space left on device|database or disk is full/i;

/** The store's disk is full: what to do is the same wherever it shows. */
export const fullStore = {
  message: 'The disk of the builder’s store is full.',
  hint: 'mvmctl builder reset   (empties the store; what is needed is built again)',
} as const;

/** The lines that say that a disk is full; the last three. */
export function linesOfFullDisk(lines: readonly string[]): string[] {
  return lines.filter((line) => full.test(line)).slice(-3);
}

/** BUILDER_FAILED with the last words of a program of the builder that should have worked. */
export function builderFailed(what: string, status: number, lines: readonly string[]): MvmError {
  const { message, hint } = fullStore;
  if (linesOfFullDisk(lines).length > 0) {
    return new MvmError('BUILDER_FAILED', message, { details: lines.slice(-3), hint });
  }
  return new MvmError('BUILDER_FAILED', `${what} (status ${status} in the builder VM).`, {
    details: lines.slice(-5),
    hint: 'mvmctl builder status',
  });
}
