import * as v from 'valibot';
import { recordFile } from '../state/record.ts';

const base64Key = v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]{43}=$/));

/** What the server in the guest is given: the seed of its key, and the public key of who may log in. */
export const serverKeys = recordFile({
  what: "VM's SSH keys",
  version: 1,
  schema: v.object({ hostKey: base64Key, userKey: base64Key }),
  mode: 0o600,
});
