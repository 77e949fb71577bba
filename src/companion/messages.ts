import * as v from 'valibot';
import { codes, type ErrorCode } from '../errors/codes.ts';
import { MvmError } from '../errors/mvm-error.ts';
import { type Forward, forwardSchema } from '../ports/forward.ts';
import { changeSchema } from '../share/overlay/changes/shown-change.ts';
import { shareSchema } from '../share/share.ts';
import { agentSchema, sshWorkSchema } from './ssh-work.ts';

/** What commands ask a companion; one JSON object a line, answered by one line. */
export const requestSchema = v.variant('ask', [
  /** Forwards them, all or none. With `hold` they end with this connection. */
  v.object({ ask: v.literal('forward'), forwards: v.array(forwardSchema), hold: v.boolean() }),
  v.object({ ask: v.literal('list') }),
  /** Forwards whatever is listened on in the guest, from now on. */
  v.object({
    ask: v.literal('follow'),
    /** Lines of news follow the answer, as ports come and go. */
    news: v.optional(v.boolean(), false),
  }),
  /** Lines of news follow the answer; nothing is done for them. */
  v.object({ ask: v.literal('news') }),
  /** Whether something accepts connections on a port of the guest. */
  v.object({ ask: v.literal('try'), guestPort: v.number() }),
  /** Leads to the guest's SSH server, from now on. */
  v.object({ ask: v.literal('ssh'), ...sshWorkSchema.entries }),
  /** Lends an ssh-agent. With `hold` until this connection ends. */
  v.object({ ask: v.literal('agent'), ...agentSchema.entries, hold: v.boolean() }),
  /** Shows folders of this host in the guest, from now on. */
  v.object({ ask: v.literal('shares'), shares: v.array(shareSchema) }),
  /** Applies or discards changes of an overlay that this VM shows. */
  v.object({
    ask: v.literal('overlay'),
    guest: v.string(),
    action: v.picklist(['apply', 'discard']),
    paths: v.optional(v.array(v.array(v.string()))),
    includeProtected: v.boolean(),
  }),
  /** Ends the forwards of these ports of the host; those that could not be made this time are not made again. */
  v.object({
    ask: v.literal('remove'),
    places: v.array(v.pick(v.required(forwardSchema, ['reverse']), ['hostPort', 'protocol', 'reverse'])),
  }),
]);
export type Request = v.InferInput<typeof requestSchema>;

const live = v.object({ ...forwardSchema.entries, held: v.boolean() });

export const answerSchema = v.object({
  /** Those that were made or removed; of `list`, all. */
  forwards: v.optional(v.array(live), []),
  /** Of `list`: how many streams are open. */
  streams: v.optional(v.number(), 0),
  /** Of `try`. */
  accepts: v.optional(v.boolean(), false),
  /** Of `overlay`: the changes that were applied or discarded, and those that are protected. */
  changes: v.optional(v.object({ done: v.array(changeSchema), kept: v.array(changeSchema) })),
  error: v.optional(
    v.object({
      code: v.picklist(Object.keys(codes) as ErrorCode[]),
      message: v.string(),
      hint: v.optional(v.string()),
      details: v.optional(v.array(v.string())),
    }),
  ),
});
export type Answer = v.InferInput<typeof answerSchema>;

/** What a companion says unasked, to whoever wants news. */
export type News = PortNews | RefusedNews;

/** A port came, or went. */
export interface PortNews {
  forward: Forward;
  isOpen: boolean;
}

/** A guest was refused to change a file that is protected. */
export interface RefusedNews {
  /** Its path in the guest, without control characters: see share/words.ts. */
  refused: string;
}

/** The longest line, in bytes. */
export const maxLine = 1 << 20;

export function answerError(error: unknown): Answer['error'] {
  if (!(error instanceof MvmError))
    return { code: 'COMPANION_FAILED', message: `The companion failed: ${error}.` };
  const { code, message, hint, details } = error;
  return { code, message, details: [...details], ...(hint === undefined ? {} : { hint }) };
}
