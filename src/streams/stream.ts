import { frameTypes, maxData } from '../protocol/frame.ts';
import { violation } from '../protocol/violation.ts';
import { encodeStreamFrame, encodeStreamHeader, encodeStreamWindow } from './frames.ts';
import { firstWindow, grow, newWindow, release, type Spare } from './window.ts';

/** The most credit that may be outstanding, in bytes. */
const mostCredit = 16 * 2 ** 20;
/** Up to this size a copy costs less than a write of its own. */
const smallPiece = 2048;

/** Whoever uses a stream. None of these may throw. */
export interface StreamUser {
  /** Bytes of the guest; `taken` is to be called when they are done with. They are overwritten by nobody. */
  data(bytes: Buffer): void;
  /** The guest sends nothing more; what the host sends still arrives. */
  end(): void;
  /** The stream is over, in both directions: the guest's reason, `lost` where the guest is gone. */
  reset(code: string): void;
  /** A write that was not whole can go on. */
  writable(): void;
}

export interface Stream {
  readonly id: number;
  /** Sends as much as the guest takes now, and gives how much that was; `writable` tells when more can be sent. */
  write(bytes: Buffer): number;
  /** Nothing more is written. */
  end(): void;
  /** Ends the stream in both directions; `reset` of the user is not called. */
  reset(code: string): void;
  /** So many bytes that `data` brought are done with. */
  taken(bytes: number): void;
}

/** A stream as its session sees it. */
export interface OwnStream extends Stream {
  frame(type: number, payload: Buffer): void;
  wake(): void;
  lose(): void;
}

/** What the streams of a session share. */
export interface Shared {
  spare: Spare;
  count(): number;
  isBlocked(): boolean;
  wait(stream: OwnStream): void;
  send(frame: Buffer, payload?: Buffer): void;
  forget(stream: OwnStream): void;
}

export function createStream(id: number, user: StreamUser, shared: Shared): OwnStream {
  const window = newWindow();
  let credit = firstWindow;
  let guestEnded = false;
  let hostEnded = false;
  let over = false;
  /** Bytes that the user has and is not done with. */
  let inUse = 0;
  let wantsMore = false;
  /** Bytes were taken that the guest does not know of. */
  let owesGrant = false;

  /** The number is the guest's again; the user may still have bytes. */
  function finish(): void {
    if (over) return;
    over = true;
    release(window, shared.spare);
    shared.forget(stream);
  }

  function finishIfEnded(): void {
    if (guestEnded && hostEnded && inUse === 0) finish();
  }

  function writeOne(bytes: Buffer): void {
    const header = encodeStreamHeader(frameTypes.streamData, id, bytes.length);
    if (bytes.length <= smallPiece) shared.send(Buffer.concat([header, bytes]));
    else shared.send(header, bytes);
  }

  function data(payload: Buffer): void {
    if (guestEnded) throw violation('order', `data of stream ${id} after its end`);
    if (payload.length > window.open)
      throw violation('credit', `${payload.length} bytes of stream ${id} where ${window.open} were granted`);
    window.open -= payload.length;
    inUse += payload.length;
    user.data(payload);
  }

  function grant(bytes: number): void {
    if (bytes === 0 || credit + bytes > mostCredit)
      throw violation('payload', `${bytes} bytes of credit for stream ${id}, which has ${credit}`);
    credit += bytes;
    if (wantsMore) stream.wake();
  }

  /** A guest that does not read is granted nothing: what it is told would only pile up. */
  function grantMore(): void {
    if (guestEnded) return;
    owesGrant = shared.isBlocked();
    if (owesGrant) {
      shared.wait(stream);
      return;
    }
    const more = grow(window, shared.count(), shared.spare);
    if (more > 0) shared.send(encodeStreamWindow(id, more));
  }

  const stream: OwnStream = {
    id,
    write(bytes) {
      let at = 0;
      while (!over && !hostEnded && at < bytes.length && credit > 0 && !shared.isBlocked()) {
        const n = Math.min(credit, maxData, bytes.length - at);
        credit -= n;
        writeOne(bytes.subarray(at, at + n));
        at += n;
      }
      wantsMore = at < bytes.length;
      if (wantsMore && shared.isBlocked()) shared.wait(stream);
      return at;
    },
    end() {
      if (over || hostEnded) return;
      hostEnded = true;
      shared.send(encodeStreamFrame(frameTypes.streamEnd, id));
      finishIfEnded();
    },
    reset(code) {
      if (over) return;
      // One that has ended both ways the guest knows no more.
      if (!guestEnded || !hostEnded) {
        shared.send(encodeStreamFrame(frameTypes.streamReset, id, Buffer.from(code)));
      }
      finish();
    },
    taken(bytes) {
      inUse -= bytes;
      if (over) return;
      window.held -= bytes;
      grantMore();
      finishIfEnded();
    },
    frame(type, payload) {
      // Both have ended, and the user is not done yet.
      if (guestEnded && hostEnded) return;
      if (type === frameTypes.streamData) data(payload);
      else if (type === frameTypes.streamWindow) grant(payload.readUInt32BE(0));
      else if (type === frameTypes.streamReset) {
        finish();
        user.reset(payload.toString('latin1'));
      } else {
        if (guestEnded) throw violation('order', `stream ${id} ends twice`);
        guestEnded = true;
        user.end();
        finishIfEnded();
      }
    },
    wake() {
      if (over) return;
      if (owesGrant) grantMore();
      if (!wantsMore) return;
      wantsMore = false;
      user.writable();
    },
    lose() {
      finish();
      user.reset('lost');
    },
  };
  return stream;
}
