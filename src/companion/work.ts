import { rmSync } from 'node:fs';
import * as v from 'valibot';
import { forwardSchema, type LiveForward } from '../ports/forward.ts';
import { recordFile } from '../state/record.ts';
import { companionFiles } from './files.ts';

const workSchema = v.object({ forwards: v.array(v.object({ ...forwardSchema.entries, held: v.boolean() })) });

const records = recordFile({
  what: "list of the VM's forwards",
  version: 1,
  schema: workSchema,
  mode: 0o600,
});

/** What the VM's companion does, or did when it was killed; empty where there is nothing, or nothing readable. */
export async function readWork(runtimeDir: string): Promise<LiveForward[]> {
  const { value } = await records.load(companionFiles(runtimeDir).work);
  return value?.forwards ?? [];
}

/** Throws STATE_WRITE. */
export async function writeWork(runtimeDir: string, forwards: readonly LiveForward[]): Promise<void> {
  const { work } = companionFiles(runtimeDir);
  if (forwards.length === 0) rmSync(work, { force: true });
  else await records.write(work, { forwards: [...forwards] });
}
