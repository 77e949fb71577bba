import * as v from 'valibot';
import type { Names } from '../../tree/tree.ts';
import type { Difference } from './differences.ts';

const octal = v.pipe(v.string(), v.regex(/^[0-7]+$/));

/** A change as it is told to others. */
export const changeSchema = v.object({
  status: v.picklist(['A', 'M', 'D', 'R', 'T']),
  /** Below the folder that is shared. */
  path: v.string(),
  /** Of a renamed file: where the host has it. */
  from: v.nullable(v.string()),
  kind: v.picklist(['file', 'folder', 'link', 'other']),
  /** Permissions before and after, where they changed. */
  mode: v.nullable(v.object({ from: octal, to: octal })),
  /** What the host did with the file meanwhile. */
  conflict: v.nullable(v.picklist(['changed', 'removed', 'created', 'replaced'])),
});
export type ShownChange = v.InferOutput<typeof changeSchema>;

export interface Done {
  done: ShownChange[];
  /** What was left, since it is protected. */
  kept: ShownChange[];
}

export function shownChange({ status, path, from, kind, mode, conflict }: Difference): ShownChange {
  const text = (mode: number) => mode.toString(8).padStart(3, '0');
  return {
    ...{ status, path: textOf(path), from: from === undefined ? null : textOf(from), kind },
    mode: mode === undefined ? null : { from: text(mode.from), to: text(mode.to) },
    conflict: conflict ?? null,
  };
}

export const textOf = (path: Names): string => Buffer.from(path.join('/'), 'latin1').toString();
