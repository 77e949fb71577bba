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
export type SshWork = v.InferOutput<typeof sshWorkSchema>;
