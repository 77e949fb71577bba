import { MvmError } from '../errors/mvm-error.ts';

/** Text of ENOSPC, as C libraries print it. */
const full = /No space left on device/i;

/** The store's disk is full: what to do is the same wherever it shows. */
export function diskFull(lines: readonly string[]): MvmError | undefined {
  if (!lines.some((line) => full.test(line))) return undefined;
  return new MvmError('BUILDER_FAILED', 'The disk of the builder’s store is full.', {
    details: lines.slice(-3),
    hint: 'mvmctl builder reset   (empties the store; what is needed is built again)',
  });
}

/** BUILDER_FAILED with the last words of a program of the builder that should have worked. */
export function builderFailed(what: string, status: number, lines: readonly string[]): MvmError {
  return (
    diskFull(lines) ??
    new MvmError('BUILDER_FAILED', `${what} (status ${status} in the builder VM).`, {
      details: lines.slice(-5),
      hint: 'mvmctl builder status',
    })
  );
}
