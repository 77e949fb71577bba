import { fold } from './format.ts';
import { escaped } from './untrusted.ts';

/** Columns below which a name has a line of its own. */
const narrow = 60;

/** Names and values, one a line, for a person; folded in a terminal of so many columns. */
export function facts(
  rows: readonly (readonly [string, string])[],
  { width = 12, columns = Number.POSITIVE_INFINITY }: { width?: number; columns?: number | undefined } = {},
): string {
  const isNarrow = columns < narrow;
  const indent = ' '.repeat(isNarrow ? 2 : width + 1);
  return rows
    .map(([name, value]) => {
      const folded = fold(escaped(value), columns - indent.length).replaceAll('\n', `\n${indent}`);
      if (!isNarrow) return `${name.padEnd(width)} ${folded}`.trimEnd();
      return name === '' ? `${indent}${folded}` : `${name}\n${indent}${folded}`;
    })
    .join('\n');
}
