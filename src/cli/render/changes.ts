import { styleText } from 'node:util';
import type { ShownChange } from '../../share/overlay/changes/shown-change.ts';
import { escaped } from './untrusted.ts';

const colors = { A: 'green', M: 'yellow', D: 'red', R: 'cyan', T: 'yellow' } as const;

const conflicts: Readonly<Record<string, string>> = {
  changed: 'changed on the host meanwhile',
  removed: 'removed on the host meanwhile',
  created: 'made on the host meanwhile',
  replaced: 'replaced by something else on the host meanwhile',
};

/** A line a change, as git has them. */
export function changeLines(changes: readonly ShownChange[], color: boolean): string {
  return changes
    .map(({ status, path, from, kind, mode, conflict }) => {
      const slash = kind === 'folder' ? '/' : '';
      const name = (text: string) => escaped(text) + slash;
      const letter = color ? styleText(colors[status], status, { validateStream: false }) : status;
      const where = from === null ? name(path) : `${name(from)} -> ${name(path)}`;
      const modes = mode === null ? '' : `  (mode ${mode.from} -> ${mode.to})`;
      const why = conflict === null ? '' : `  conflict: ${conflicts[conflict]}`;
      const told = color && why !== '' ? styleText('red', why, { validateStream: false }) : why;
      return `${letter}  ${where}${modes}${told}`;
    })
    .join('\n');
}
