import { MvmError } from '../errors/mvm-error.ts';

/** `1G`, `512M`, `1.5GiB` or a plain number of MiB; at least 64 MiB. Returns MiB. Throws USAGE. */
export function parseMemory(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(?:([kmgt])(?:i?b)?)?$/i.exec(text.trim());
  const factor = { k: 1 / 1024, m: 1, g: 1024, t: 1024 * 1024 }[match?.[2]?.toLowerCase() ?? 'm'] ?? 1;
  const mib = match === null ? Number.NaN : Math.round(Number(match[1]) * factor);
  if (!(mib >= 64)) {
    throw new MvmError('USAGE', `'${text}' is not an amount of memory of at least 64M.`, {
      hint: 'for example: --memory 1G',
    });
  }
  return mib;
}

/** `1 vCPU`, `2 vCPUs`. */
export const vcpusInWords = (count: number): string => `${count} ${count === 1 ? 'vCPU' : 'vCPUs'}`;

/** A whole number from 1. Throws USAGE. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1) {
    throw new MvmError('USAGE', `'${text}' is not a whole number of at least 1.`);
  }
  return count;
}

/** `512 MiB`, `1 GiB`, `1.5 GiB`. */
export function memoryInWords(mib: number): string {
  return mib < 1024 ? `${mib} MiB` : `${Number((mib / 1024).toFixed(1))} GiB`;
}
