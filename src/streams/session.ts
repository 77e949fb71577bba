import { type Frame, frameTypes } from '../protocol/frame.ts';
import { violation } from '../protocol/violation.ts';
import { encodeStreamFrame } from './frames.ts';
import { createStream, type OwnStream, type Stream, type StreamUser } from './stream.ts';
import { budget, type Spare } from './window.ts';

/** Numbers of streams are 32 bits, and the host's are odd. */
const lastId = 0xffff_ffff;

/** So many streams may be opened while the guest does not read: what tells of them waits in memory. */
const mostUnread = 4096;

/** What a session sends with. */
export interface Line {
  /** False: it is kept in memory until the guest reads; then `drained` of the session is called. */
  send(frame: Buffer, payload?: Buffer): boolean;
}

/**
 * The host's end of all streams of one operation (protocol/PROTOCOL.md, "Streams"); the guest's end of the same rules is
 * guest/internal/mux/.
 */
export interface Session {
  /** Opens a stream to what `open` names; undefined where there are as many as the guest takes, or the numbers are used up. */
  open(open: object, user: StreamUser): Stream | undefined;
  /** Takes a frame of the guest. Throws GUEST_PROTOCOL. */
  frame(frame: Frame): void;
  /** The line takes more. */
  drained(): void;
  /** The guest is gone, or broke the protocol: every stream is reset. */
  end(): void;
  readonly count: number;
  /** No number is left: a new session is needed. */
  readonly usedUp: boolean;
}

/** @param maxStreams how many the guest takes at once */
export function createSession(line: Line, maxStreams: number, firstId = 1): Session {
  const streams = new Map<number, OwnStream>();
  const spare: Spare = { bytes: budget };
  /** Those that have something to write, in the order in which they had to wait. */
  let waiting = new Set<OwnStream>();
  let blocked = false;
  let ended = false;
  let next = firstId;
  /** Opened since the line was blocked. */
  let unread = 0;

  const shared = {
    spare,
    count: () => streams.size,
    isBlocked: () => blocked,
    wait: (stream: OwnStream) => void waiting.add(stream),
    send(frame: Buffer, payload?: Buffer): void {
      if (!ended && !line.send(frame, payload)) blocked = true;
    },
    forget(stream: OwnStream): void {
      streams.delete(stream.id);
      waiting.delete(stream);
    },
  };

  return {
    open(open, user) {
      if (ended || streams.size >= maxStreams || next > lastId) return undefined;
      if (blocked && ++unread > mostUnread) return undefined;
      const stream = createStream(next, user, shared);
      next += 2;
      streams.set(stream.id, stream);
      shared.send(encodeStreamFrame(frameTypes.streamOpen, stream.id, Buffer.from(JSON.stringify(open))));
      return stream;
    },
    frame({ type, payload }) {
      const id = payload.readUInt32BE(0);
      if (type === frameTypes.streamOpen) throw violation('order', `the guest opened stream ${id}`);
      if (id % 2 === 0 || id >= next)
        throw violation('stream', `a frame of stream ${id}, which was not opened`);
      // None: it was sent before the guest knew that the stream has ended.
      streams.get(id)?.frame(type, payload.subarray(4));
    },
    drained() {
      blocked = false;
      unread = 0;
      const turn = waiting;
      waiting = new Set();
      for (const stream of turn) {
        if (blocked) waiting.add(stream);
        else stream.wake();
      }
    },
    end() {
      ended = true;
      for (const stream of [...streams.values()]) stream.lose();
    },
    get count() {
      return streams.size;
    },
    get usedUp() {
      return next > lastId;
    },
  };
}
