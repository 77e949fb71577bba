import { createDecoder } from '../protocol/decode.ts';
import type { Frame } from '../protocol/frame.ts';
import { encodeStreamFrame } from './frames.ts';
import { createSession, type Session } from './session.ts';

/** A session and what it sent, for a test to play the guest. */
export interface Played {
  session: Session;
  /** What was sent, in order: types, numbers and payloads. */
  sent: { type: number; id: number; payload: Buffer }[];
  /** A frame of the guest. */
  guest(type: number, id: number, payload?: Buffer | string): void;
  /** The line takes no more, or does again. */
  setBlocked(isBlocked: boolean): void;
}

export function play(maxStreams = 1024): Played {
  let blocked = false;
  const sent: Played['sent'] = [];
  const out = createDecoder();
  const session = createSession(
    {
      send(frame, payload = Buffer.alloc(0)) {
        for (const { type, payload: all } of out.push(Buffer.concat([frame, payload])))
          sent.push({ type, id: all.readUInt32BE(0), payload: Buffer.from(all.subarray(4)) });
        return !blocked;
      },
    },
    maxStreams,
  );
  return {
    session,
    sent,
    guest(type, id, payload = '') {
      feed(session, encodeStreamFrame(type, id, Buffer.from(payload as string)));
    },
    setBlocked(isBlocked) {
      blocked = isBlocked;
      if (!isBlocked) session.drained();
    },
  };
}

/** Hands bytes of the guest to a session. */
export function feed(session: Session, bytes: Buffer): void {
  for (const frame of createDecoder().push(bytes) as Iterable<Frame>) session.frame(frame);
}
