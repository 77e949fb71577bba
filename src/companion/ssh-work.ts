import * as v from 'valibot';

/** What SSH needs of the host. */
export const sshWorkSchema = v.object({
  /** The server's file, and its SHA-256. */
  program: v.string(),
  digest: v.string(),
  /** The folder of the VM's keys. */
  keys: v.string(),
  env: v.record(v.string(), v.string()),
});
/** A host's ssh-agent, and whom in the guest it is lent to. */
export const agentSchema = v.object({ socket: v.string(), user: v.string() });
export type LentAgent = v.InferOutput<typeof agentSchema>;

export type SshWork = v.InferOutput<typeof sshWorkSchema>;
