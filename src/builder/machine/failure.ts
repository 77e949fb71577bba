import { MvmError } from '../../errors/mvm-error.ts';

/** Text of ENOSPC as C libraries print it, and SQLite's. */
const full = /No space left on device|database or disk is full/i;

/**
 * What Nix, SQLite and the kernel say of a store that is damaged: its database, its descriptions of builds, its file
 * system. Each names what is Nix's own, which no flake's words do by accident.
 */
const damaged = [
  /SQLite.*(?:malformed|not a database|no such (?:table|column)|disk I\/O error)/is,
  /(?:malformed|not a database|no such (?:table|column)|disk I\/O error).*in '\/nix\/var\//is,
  /error parsing derivation '\/nix\/store\//,
  /'\/nix\/var\/nix\/db\/schema' is corrupt/,
  /Structure needs cleaning/,
  /\/nix\/\S*: (?:Input\/output error|Read-only file system|Bad message)/,
];

/** The store is damaged, which a reset makes good. */
export const damagedStore = {
  message: 'The builder’s store is damaged.',
  hint: 'mvmctl builder reset   (empties the store; what is needed will be built again)',
} as const;

/** The lines that say that the store is damaged; the last three. */
export function linesOfDamage(lines: readonly string[]): string[] {
  return lines.filter((line) => damaged.some((pattern) => pattern.test(line))).slice(-3);
}

/** The store's disk is full: what to do is the same wherever it shows. */
export const fullStore = {
  message: 'The disk of the builder’s store is full.',
  hint: 'mvmctl builder reset   (empties the store; what is needed will be built again)',
} as const;

/** The lines that say that a disk is full; the last three. */
export function linesOfFullDisk(lines: readonly string[]): string[] {
  return lines.filter((line) => full.test(line)).slice(-3);
}

/** BUILDER_FAILED, or STORE_DAMAGED, with the last words of a program of the builder that should have worked. */
export function builderFailed(what: string, status: number, lines: readonly string[]): MvmError {
  const { message, hint } = fullStore;
  if (linesOfFullDisk(lines).length > 0) {
    return new MvmError('BUILDER_FAILED', message, { details: lines.slice(-3), hint });
  }
  const damage = linesOfDamage(lines);
  if (damage.length > 0) {
    return new MvmError('STORE_DAMAGED', damagedStore.message, { details: damage, hint: damagedStore.hint });
  }
  return new MvmError('BUILDER_FAILED', `${what} (status ${status} in the builder VM).`, {
    details: lines.slice(-5),
    hint: 'mvmctl builder status',
  });
}
