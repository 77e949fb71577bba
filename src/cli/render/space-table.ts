import { dirname } from 'node:path';
import type { Kept } from '../../space/kept.ts';
import type { Unneeded } from '../../space/unneeded.ts';
import { bytes } from './format.ts';
import { table, terminalColumns } from './table.ts';

/** A row for each kind and folder: a cache may hold hundreds of packages. Undefined where there is nothing. */
export function unneededTable(items: readonly Unneeded[], to: NodeJS.WriteStream): string | undefined {
  if (items.length === 0) return undefined;
  const groups = new Map<string, Unneeded[]>();
  for (const item of items) {
    const key = `${item.kind} ${dirname(item.path)}`;
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  const rows = [...groups.values()].map((group) => [
    group[0]?.kind ?? '',
    String(group.length),
    bytes(group.reduce((sum, item) => sum + item.bytes, 0)),
    [...new Set(group.map(({ why }) => why))].join(', '),
    dirname(group[0]?.path ?? ''),
  ]);
  return table(['what', 'count', 'size', 'why', 'where'], rows, terminalColumns(to), [
    'why',
    'where',
    'count',
  ]);
}

/** Bytes below which what is kept is not worth a line. */
const small = 1_000_000;

/** What stays and is large, with the command that frees it. Undefined where nothing is. */
export function keptTable(items: readonly Kept[], to: NodeJS.WriteStream): string | undefined {
  const large = items.filter((item) => item.bytes >= small);
  if (large.length === 0) return undefined;
  const rows = large.map((item) => [item.what, bytes(item.bytes), item.command, item.path]);
  return table(['kept', 'size', 'freed by', 'where'], rows, terminalColumns(to), ['where']);
}
