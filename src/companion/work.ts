import { rmSync } from 'node:fs';
import * as v from 'valibot';
import { forwardSchema } from '../ports/forward.ts';
import { shareSchema } from '../share/share.ts';
import { recordFile } from '../state/record.ts';
import { companionFiles } from './files.ts';
import { agentSchema, sshWorkSchema } from './ssh-work.ts';

const workSchema = v.object({
  /** Whatever is listened on in the guest is forwarded. */
  follow: v.optional(v.boolean(), false),
  ssh: v.optional(sshWorkSchema),
  /** Lent as long as the VM runs. */
  agent: v.optional(agentSchema),
  shares: v.optional(v.array(shareSchema), []),
  forwards: v.array(v.object({ ...forwardSchema.entries, held: v.boolean() })),
});
export type Work = v.InferOutput<typeof workSchema>;

const records = recordFile({
  what: "list of the VM's forwards",
  version: 1,
  schema: workSchema,
  mode: 0o600,
});

/** What the VM's companion does, or did when it was killed; nothing where there is nothing, or nothing readable. */
export async function readWork(runtimeDir: string): Promise<Work> {
  const { value } = await records.load(companionFiles(runtimeDir).work);
  return value ?? { forwards: [], shares: [], follow: false };
}

/** Throws STATE_WRITE. */
export async function writeWork(runtimeDir: string, all: Work): Promise<void> {
  const { work } = companionFiles(runtimeDir);
  const isNothing = all.forwards.length === 0 && all.shares.length === 0 && !all.follow;
  if (isNothing && all.ssh === undefined && all.agent === undefined) rmSync(work, { force: true });
  else await records.write(work, all);
}
