import { MvmError } from '../errors/mvm-error.ts';

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `90` (seconds), `90s`, `2m`, `1h30m`, `1.5h` in milliseconds, more than 0; undefined where it is none. */
export function durationMs(text: string): number | undefined {
  const parts = /^(?:\d+(?:\.\d+)?\s*(?:ms|min|[smhd])\s*)+$/i.test(text.trim())
    ? [...text.matchAll(/(\d+(?:\.\d+)?)\s*(ms|min|[smhd])/gi)]
    : [];
  const ms = /^\d+(?:\.\d+)?$/.test(text.trim())
    ? Number(text) * 1000
    : parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (units[unit.toLowerCase()] ?? 0), 0);
  return ms > 0 && Number.isSafeInteger(Math.round(ms)) ? Math.round(ms) : undefined;
}

/** As `durationMs`; throws USAGE. */
export function parseDuration(text: string): number {
  const ms = durationMs(text);
  if (ms !== undefined) return ms;
  throw new MvmError('USAGE', `'${text}' is not a duration.`, { hint: 'for example: 30s, 2m, 1h' });
}
