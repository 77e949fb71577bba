import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import type { TemplateFiles } from '../../backend/backend.ts';
import { lookOf } from '../../state/look.ts';
import { type Paths, templatesDir } from '../../state/paths.ts';
import { recordFile } from '../../state/record.ts';
import { uniqueSuffix } from '../../state/write.ts';

const schema = v.object({
  /** The image's folder. */
  image: v.string(),
  imageName: v.string(),
  vcpus: v.number(),
  memoryMib: v.number(),
  madeAt: v.string(),
  /** What its files looked like when they were complete. */
  look: v.string(),
});
export type TemplateRecord = v.InferOutput<typeof schema>;

const records = recordFile({ what: "template's record", version: 1, schema });

export interface Template {
  key: string;
  dir: string;
  files: TemplateFiles;
  record: TemplateRecord;
}

const names = ['memory', 'state'] as const;

export const templateFiles = (dir: string): TemplateFiles => ({
  memory: join(dir, 'memory'),
  state: join(dir, 'state'),
});

/** A template's folder; beside it, while it is made, `.tmp`, and `.lock`. */
export const templateDir = (paths: Paths, key: string): string => join(templatesDir(paths), key);

/** Notes what the files of a complete template look like. Throws STATE_WRITE. */
export async function recordTemplate(dir: string, record: Omit<TemplateRecord, 'look'>): Promise<void> {
  await records.write(join(dir, 'template.json'), { ...record, look: await lookOf(dir, names) });
}

/**
 * A template as it was made; undefined if there is none, or 'damaged' where anything has been written to since: memory that does not
 * belong to its machine's state makes a guest that is wrong in any way.
 */
export async function loadTemplate(paths: Paths, key: string): Promise<Template | 'damaged' | undefined> {
  const dir = templateDir(paths, key);
  const { value: record, problem } = await records.load(join(dir, 'template.json'));
  if (record === undefined) return problem === undefined ? undefined : 'damaged';
  // Files that are gone, or can't be read, are as good as damaged.
  const look = await lookOf(dir, names).catch(() => '');
  return look === record.look ? { key, dir, files: templateFiles(dir), record } : 'damaged';
}

/** Removes a template. A VM that was resumed from it keeps its memory. */
export async function removeTemplate(paths: Paths, key: string): Promise<void> {
  const dir = templateDir(paths, key);
  // Another name first, so that nobody finds half of it.
  const aside = `${dir}.${uniqueSuffix()}.tmp`;
  const moved = await rename(dir, aside).then(
    () => true,
    () => false,
  );
  await rm(moved ? aside : dir, { recursive: true, force: true });
}

/** How long a machine whose template did not come to be, or did not serve, is booted without another try, in milliseconds. */
export const sulkMs = 24 * 3_600_000;

/** Where that is noted, with the reason. */
export const failureFile = (paths: Paths, key: string): string => `${templateDir(paths, key)}.failed`;

export async function noteFailure(paths: Paths, key: string, why: unknown): Promise<void> {
  // Where nothing can be written, no template is made either.
  await writeFile(failureFile(paths, key), `${String(why)}\n`).catch(() => {});
}
