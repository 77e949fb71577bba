import type { Socket } from 'node:net';
import type { Stream, StreamUser } from './stream.ts';

/** Pieces below this size are copied: each would keep the 64 KiB alive that it was read in. */
const copiedBelow = 16_384;
/** Memory of what waits for a socket grows in steps, from so many bytes. */
const leastPending = 4096;

/**
 * Copies both ways between a socket and a stream until both directions have ended, each in its own time; a reset of the one
 * is a reset of the other. The socket must be half-open (`allowHalfOpen`), and may be paused.
 * @param open opens the stream; undefined where none can be opened, which resets the socket
 * @param onReset told the guest's reason
 */
export function joinSocket(
  socket: Socket,
  open: (user: StreamUser) => Stream | undefined,
  onReset: (code: string) => void = () => {},
): void {
  /** What the guest sent and the socket has not taken, while one write is on its way. */
  let pending: Buffer | undefined;
  let pendingLength = 0;
  let isWriting = false;
  let guestEnded = false;
  /** What the socket sent and the guest has not taken. */
  let rest: Buffer | undefined;
  let socketEnded = false;
  let over = false;

  function writeToSocket(bytes: Buffer): void {
    isWriting = true;
    socket.write(bytes, () => {
      isWriting = false;
      if (over) return;
      if (pending !== undefined) {
        const next = pending.subarray(0, pendingLength);
        pending = undefined;
        pendingLength = 0;
        writeToSocket(next);
      } else if (guestEnded) socket.end();
      stream?.taken(bytes.length);
    });
  }

  /** One piece, however small those are that the guest sends: a byte costs a byte. */
  function keep(bytes: Buffer): void {
    const length = pendingLength + bytes.length;
    if (pending === undefined || pending.length < length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(leastPending, length, 2 * pendingLength));
      pending?.copy(larger, 0, 0, pendingLength);
      pending = larger;
    }
    bytes.copy(pending, pendingLength);
    pendingLength = length;
  }

  function sendRest(): void {
    if (rest !== undefined && stream !== undefined) {
      const sent = stream.write(rest);
      rest = sent < rest.length ? rest.subarray(sent) : undefined;
    }
    if (rest !== undefined) socket.pause();
    else if (socketEnded) stream?.end();
    else if (socket.isPaused()) socket.resume();
  }

  function breakOff(): void {
    over = true;
    pending = undefined;
    rest = undefined;
    // Only a connection of TCP can be reset.
    if (socket.remoteFamily === undefined) socket.destroy();
    else socket.resetAndDestroy();
  }

  socket.setNoDelay(true);
  const stream = open({
    data(bytes) {
      if (isWriting) keep(bytes);
      else writeToSocket(bytes.length < copiedBelow ? Buffer.from(bytes) : bytes);
    },
    end() {
      guestEnded = true;
      if (!isWriting) socket.end();
    },
    reset(code) {
      onReset(code);
      breakOff();
    },
    writable: sendRest,
  });
  if (stream === undefined) {
    onReset('busy');
    socket.on('error', () => {});
    breakOff();
    return;
  }
  socket.on('data', (bytes: Buffer) => {
    rest = bytes;
    sendRest();
  });
  socket.on('end', () => {
    socketEnded = true;
    if (rest === undefined) stream.end();
  });
  socket.on('error', () => {}); // followed by 'close'
  socket.on('close', () => {
    if (!over) stream.reset('gone');
    over = true;
    pending = undefined;
  });
  socket.resume();
}
