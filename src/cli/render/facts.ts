import { escaped } from './untrusted.ts';

/** Names and values, one a line, for a person. */
export function facts(rows: readonly (readonly [string, string])[], width = 12): string {
  return rows.map(([name, value]) => `${name.padEnd(width)} ${escaped(value)}`.trimEnd()).join('\n');
}
