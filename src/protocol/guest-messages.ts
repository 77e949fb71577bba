import * as v from 'valibot';
import * as fields from './fields.ts';
import { type Frame, frameTypes, isOfStream, maxPayload, streams } from './frame.ts';
import type { Op } from './host-messages.ts';
import { maxJsonBytes, parseObject } from './json.ts';
import { violation } from './violation.ts';

export interface GuestError {
  type: 'error';
  /** See protocol/PROTOCOL.md, "Operations"; unknown codes are possible. */
  code: string;
  message: string;
  hint?: string | undefined;
}

/** What the guest says, checked; `O` is the operation that the channel carries. */
export type GuestMessage<O extends Op = Op> =
  | ({ type: 'welcome' } & fields.Welcome)
  | { type: 'started'; fields: fields.StartedFields[O] }
  | { type: 'data'; stream: 1 | 2 | 3; bytes: Buffer }
  | { type: 'eof'; stream: 1 | 2 }
  | { type: 'resize'; rows: number; cols: number }
  | { type: 'credit'; bytes: number }
  | { type: 'live' }
  /** A frame of a stream of the operation `streams`, as it came. */
  | { type: 'stream'; frame: Frame }
  /** It answers. */
  | { type: 'pong' }
  /** What listens in the guest. */
  | ({ type: 'notice' } & fields.Notice)
  | { type: 'event'; event: fields.EventFields[O] }
  | { type: 'exit'; status: number; signal?: string | undefined }
  | GuestError
  | { type: 'result'; fields: fields.ResultFields[O] };

/** No message follows one of these. */
export function isTerminal(message: { type: GuestMessage['type'] }): boolean {
  return message.type === 'exit' || message.type === 'error' || message.type === 'result';
}

/** Reads a frame of the guest. Throws GUEST_PROTOCOL for one that only a host may send, or wrong fields. */
export function parseGuestFrame<O extends Op>(frame: Frame, op: O): GuestMessage<O> {
  const { type, stream, payload } = frame;
  if (isOfStream(type)) return { type: 'stream', frame };
  switch (type) {
    case frameTypes.data:
      if (stream === 1 || stream === 2 || stream === 3) return { type: 'data', stream, bytes: payload };
      throw violation('stream', 'DATA of stream 0 came from the guest');
    case frameTypes.eof:
      if (stream === streams.stdout || stream === streams.stderr) return { type: 'eof', stream };
      throw violation('stream', 'EOF of stream 0 came from the guest');
    case frameTypes.resize:
      return { type: 'resize', rows: payload.readUInt16BE(0), cols: payload.readUInt16BE(2) };
    case frameTypes.credit:
      return { type: 'credit', bytes: payload.readUInt32BE(0) };
    case frameTypes.live:
      return { type: 'live' };
    case frameTypes.pong:
      return { type: 'pong' };
    case frameTypes.notice:
      return { type: 'notice', ...read(fields.notice, payload, 'NOTICE') };
    case frameTypes.welcome:
      return { type: 'welcome', ...read(fields.welcome, payload, 'WELCOME') };
    case frameTypes.started:
      return {
        type: 'started',
        fields: read(fields.started[op], payload, 'STARTED') as fields.StartedFields[O],
      };
    case frameTypes.event:
      return { type: 'event', event: readEvent(payload, op) as fields.EventFields[O] };
    case frameTypes.exit:
      return { type: 'exit', ...read(fields.exit, payload, 'EXIT') };
    case frameTypes.error:
      return { type: 'error', ...read(fields.error, payload, 'ERROR') };
    case frameTypes.result:
      return {
        type: 'result',
        fields: read(fields.result[op], payload, 'RESULT', most(op)) as fields.ResultFields[O],
      };
    default:
      throw violation('type', `a frame of type 0x${type.toString(16)} came from the guest`);
  }
}

function readEvent(payload: Buffer, op: Op): fields.EventFields[Op] {
  if (op === 'boot') return read(fields.event.boot, payload, 'EVENT');
  if (op === 'services') return read(fields.event.services, payload, 'EVENT', most(op));
  throw violation('order', `EVENT is out of place in the operation ${op}`);
}

/** A hundred services have much to say. */
const most = (op: Op): number => (op === 'services' ? maxPayload : maxJsonBytes);

function read<S extends v.GenericSchema>(
  schema: S,
  payload: Buffer,
  what: string,
  limit = maxJsonBytes,
): v.InferOutput<S> {
  const parsed = v.safeParse(schema, parseObject(payload, what, limit), { abortEarly: true });
  if (parsed.success) return parsed.output;
  const path = v.getDotPath(parsed.issues[0]) ?? '(root)';
  throw violation('json', `${what} has a wrong field ${path.slice(0, 60)}`);
}
