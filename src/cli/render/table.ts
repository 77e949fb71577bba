import { escaped } from './untrusted.ts';

/** Columns of the last cell that are worth showing. */
const leastLast = 16;
/** Columns that a name keeps. */
const leastFirst = 8;

/**
 * Columns separated by two spaces, header in capitals. In a terminal that is too narrow for them, those that are
 * `expendable` go, the first of them first; then cells get shorter, and at last whole lines.
 * @param columns of the terminal, where there is one
 */
export function table(
  headers: readonly string[],
  rows: readonly (readonly string[])[],
  columns?: number,
  expendable: readonly string[] = [],
): string {
  const all = [headers.map((header) => header.toUpperCase()), ...rows.map((row) => row.map(escaped))];
  if (columns === undefined) return lines(all).join('\n');
  let shown = headers.map((_, at) => at);
  const cells = () => all.map((row) => shown.map((at) => row[at] ?? ''));
  for (const header of expendable) {
    if (excess(cells(), columns) <= 0) break;
    shown = shown.filter((at) => headers[at] !== header);
  }
  return lines(fitted(cells(), columns))
    .map((row) => (row.length > columns ? `${row.slice(0, columns - 1)}…` : row))
    .join('\n');
}

const widthsOf = (rows: readonly (readonly string[])[]): number[] =>
  (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));

const sum = (widths: readonly number[]): number =>
  widths.reduce((total, width) => total + width, 2 * (widths.length - 1));

/** By how much rows are too wide, when their last cells are as short as they may be. */
function excess(rows: readonly (readonly string[])[], columns: number): number {
  const widths = widthsOf(rows);
  const last = widths.pop() ?? 0;
  return sum([...widths, Math.min(last, leastLast)]) - columns;
}

/** Shortens the last cells, then the first. */
function fitted(rows: readonly (readonly string[])[], columns: number): string[][] {
  const shortened = [...rows.map((row) => [...row])];
  const cut = (at: number, least: number) => {
    const widths = widthsOf(shortened);
    const width = Math.max(least, (widths[at] ?? 0) - (sum(widths) - columns));
    for (const row of shortened) row[at] = shorter(row[at] ?? '', width);
  };
  const last = (rows[0]?.length ?? 1) - 1;
  if (last > 0) cut(last, Math.min(leastLast, columns));
  cut(0, leastFirst);
  if (last > 0) cut(last, 1);
  return shortened;
}

/** Of a path the end says most. */
function shorter(text: string, width: number): string {
  if (text.length <= width) return text;
  return text.startsWith('/') ? `…${text.slice(text.length - width + 1)}` : `${text.slice(0, width - 1)}…`;
}

function lines(rows: readonly (readonly string[])[]): string[] {
  const widths = widthsOf(rows);
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** The width of the terminal that a stream is; undefined where it is none. */
export function terminalColumns(stream: NodeJS.WriteStream): number | undefined {
  return stream.isTTY ? stream.columns : undefined;
}
