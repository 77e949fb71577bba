import * as v from 'valibot';
import { codes, type ErrorCode } from '../errors/codes.ts';
import { MvmError } from '../errors/mvm-error.ts';
import { forwardSchema } from '../ports/forward.ts';
import { agentSchema, sshWorkSchema } from './ssh-work.ts';

/** What commands ask a companion; one JSON object a line, answered by one line. */
export const requestSchema = v.variant('ask', [
  /** Forwards them, all or none. With `hold` they end with this connection. */
  v.object({ ask: v.literal('forward'), forwards: v.array(forwardSchema), hold: v.boolean() }),
  v.object({ ask: v.literal('list') }),
  /** Forwards whatever is listened on in the guest, from now on. */
  v.object({ ask: v.literal('follow') }),
  /** Whether something accepts connections on a port of the guest. */
  v.object({ ask: v.literal('try'), guestPort: v.number() }),
  /** Leads to the guest's SSH server, from now on. */
  v.object({ ask: v.literal('ssh'), ...sshWorkSchema.entries }),
  /** Lends an ssh-agent. With `hold` until this connection ends. */
  v.object({ ask: v.literal('agent'), ...agentSchema.entries, hold: v.boolean() }),
  /** Ends the forwards of these ports of the host. */
  v.object({ ask: v.literal('remove'), hostPorts: v.array(v.number()) }),
]);
export type Request = v.InferInput<typeof requestSchema>;

const live = v.object({ ...forwardSchema.entries, held: v.boolean() });

export const answerSchema = v.object({
  /** Those that were made or removed; of `list`, all. */
  forwards: v.optional(v.array(live), []),
  /** Of `try`. */
  accepts: v.optional(v.boolean(), false),
  error: v.optional(
    v.object({
      code: v.picklist(Object.keys(codes) as ErrorCode[]),
      message: v.string(),
      hint: v.optional(v.string()),
    }),
  ),
});
export type Answer = v.InferInput<typeof answerSchema>;

/** The longest line, in bytes. */
export const maxLine = 1 << 20;

export function answerError(error: unknown): Answer['error'] {
  if (!(error instanceof MvmError))
    return { code: 'COMPANION_FAILED', message: `The companion failed: ${error}.` };
  const { code, message, hint } = error;
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}
