import { styleText } from 'node:util';
import type { Check } from '../../vm/checks.ts';
import type { Context } from '../context.ts';
import { fold } from './format.ts';
import { wantsColor } from './progress.ts';
import { terminalColumns } from './table.ts';
import { escaped } from './untrusted.ts';

const marks = { ok: ['green', '✓'], warn: ['yellow', '!'], fail: ['red', '✗'] } as const;

/** Columns below which a name has a line of its own. */
const narrow = 60;

/** Checks for a person: what was looked at, how it is, and what helps. */
export function checkList(context: Context, checks: readonly Check[]): string {
  const color = wantsColor(context.stdout, context.env);
  const columns = terminalColumns(context.stdout);
  const width = Math.max(...checks.map(({ name }) => name.length));
  const isNarrow = columns !== undefined && columns < narrow;
  const indent = ' '.repeat(isNarrow ? 2 : width + 4);
  const below = (text: string) =>
    `${indent}${fold(text, (columns ?? Number.POSITIVE_INFINITY) - indent.length)}`;
  const folded = (text: string) => below(text).replaceAll('\n', `\n${indent}`);
  return checks
    .flatMap(({ name, state, text, details = [], hint }) => {
      const [style, mark] = marks[state];
      const shown = color ? styleText(style, mark, { validateStream: false }) : mark;
      const lines = folded(escaped(text));
      const first = isNarrow
        ? `${shown} ${name}\n${lines}`
        : `${shown} ${name.padEnd(width)}  ${lines.trimStart()}`;
      const helps = hint === undefined || state === 'ok' ? [] : [folded(`→ ${escaped(hint)}`)];
      return [first, ...details.map((line) => folded(escaped(line))), ...helps];
    })
    .join('\n');
}
