import type { KeptTemplate } from '../../vm/template/kept.ts';
import { bytes, duration } from './format.ts';
import { table, terminalColumns } from './table.ts';

/** A template as `templates` shows it. */
export interface TemplateRow {
  template: string;
  image: string | null;
  vcpus: number | null;
  memoryMib: number | null;
  path: string;
  /** Allocated. */
  bytes: number;
  /** ISO 8601. */
  usedAt: string;
  /** VMs that run from it. */
  vms: string[];
  damaged: boolean;
}

export const templateRow = ({ key, dir, record, bytes: size, usedAt, users }: KeptTemplate): TemplateRow => ({
  template: key,
  image: record?.imageName ?? null,
  vcpus: record?.vcpus ?? null,
  memoryMib: record?.memoryMib ?? null,
  path: dir,
  bytes: size,
  usedAt: new Date(usedAt).toISOString(),
  vms: users,
  damaged: record === undefined,
});

/** Cut to the width of a terminal. */
export function templateTable(rows: readonly TemplateRow[], to: NodeJS.WriteStream): string {
  const lines = rows.map((row) => [
    row.template.slice(0, 12),
    row.damaged ? 'damaged' : (row.image ?? '-'),
    row.damaged ? '-' : `${row.vcpus} × ${row.memoryMib} MiB`,
    bytes(row.bytes),
    `${duration(Date.now() - Date.parse(row.usedAt))} ago`,
    row.vms.join(', ') || '-',
  ]);
  return table(['template', 'image', 'machine', 'size', 'used', 'VMs'], lines, terminalColumns(to), [
    'used',
    'machine',
  ]);
}
