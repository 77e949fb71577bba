import type { ListedImage } from '../../image/store/store.ts';
import { bytes, duration } from './format.ts';
import { table, terminalColumns } from './table.ts';

/** An image as `images` and `rmi --unused` show it. */
export interface ImageRow {
  digest: string;
  name: string | null;
  system: string | null;
  path: string;
  bytes: number;
  /** ISO 8601. */
  addedAt: string;
  /** Of the newest build that gave it. */
  project: string | null;
  profile: string | null;
  problem: string | null;
  why?: string;
}

export function imageRow({ digest, dir, image, problem, addedAt, builds }: ListedImage): ImageRow {
  return {
    digest,
    name: image?.spec.name ?? null,
    system: image?.spec.system ?? null,
    path: dir,
    bytes: Object.values(image?.spec.files ?? {}).reduce((sum, { size }) => sum + size, 0),
    addedAt: addedAt.toISOString(),
    project: builds[0]?.project ?? null,
    profile: builds[0]?.profile ?? null,
    problem: problem?.message ?? null,
  };
}

/** Rows of images; `why` adds a column. Cut to the width of a terminal. */
export function imageTable(images: readonly ImageRow[], to: NodeJS.WriteStream, why?: 'why'): string {
  const rows = images.map((image) => [
    image.digest.slice(0, 12),
    image.problem === null ? (image.name ?? '-') : 'damaged',
    bytes(image.bytes),
    `${duration(Date.now() - Date.parse(image.addedAt))} ago`,
    ...(why === undefined ? [] : [image.why ?? '']),
    image.project === null ? '-' : `${image.project} (${image.profile})`,
  ]);
  const headers = ['image', 'name', 'size', 'added', ...(why === undefined ? [] : [why]), 'project'];
  return table(headers, rows, terminalColumns(to), ['added', 'why', 'project', 'size']);
}
