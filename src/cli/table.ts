import { escaped } from './render/untrusted.ts';

/** Columns separated by two spaces, header in capitals; cut to the terminal's width where there is one. */
export function table(
  headers: readonly string[],
  rows: readonly (readonly string[])[],
  columns?: number,
): string {
  const all = [headers.map((header) => header.toUpperCase()), ...rows.map((row) => row.map(escaped))];
  const widths = headers.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) => {
      const line = row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd();
      return columns !== undefined && line.length > columns ? `${line.slice(0, columns - 1)}…` : line;
    })
    .join('\n');
}

/** The width of the terminal that a stream is; undefined where it is none. */
export function terminalColumns(stream: NodeJS.WriteStream): number | undefined {
  return stream.isTTY ? stream.columns : undefined;
}
