import { setImmediate as nextTurn } from 'node:timers/promises';
import { headerSize, kinds, maxData, writeHeader } from './records.ts';

/** Bytes that records are gathered to. */
const pieceSize = 131_072;
/** The shortest piece of a file that is read while more of it is to come, in bytes. */
const leastRoom = 16_384;
/** So long, in milliseconds, work may go on without a turn of the event loop, in which signals arrive. */
const turnMs = 50;

/** Gathers records to pieces of a size that is worth sending. Each piece has memory of its own. */
export interface Pieces {
  add(record: Buffer): Generator<Buffer>;
  /** Where the next bytes of a file may be put, at least so many as are worth a call. */
  room(): Generator<Buffer, Buffer>;
  /** So many bytes are in the room. */
  filled(length: number): void;
  /** What is left. */
  rest(): Generator<Buffer>;
  /** To be awaited in a loop that gives nothing. Throws the signal's reason. */
  breathe(): Promise<void>;
}

export function createPieces(signal: AbortSignal): Pieces {
  let piece = Buffer.allocUnsafeSlow(pieceSize);
  let used = 0;
  let turn = performance.now();

  function* rest(): Generator<Buffer> {
    if (used === 0) return;
    const full = piece.subarray(0, used);
    piece = Buffer.allocUnsafeSlow(pieceSize);
    used = 0;
    yield full;
    turn = performance.now();
  }

  return {
    rest,
    *add(record) {
      if (used + record.length > pieceSize) yield* rest();
      record.copy(piece, used);
      used += record.length;
    },
    *room() {
      if (used + headerSize + leastRoom > pieceSize) yield* rest();
      return piece.subarray(used + headerSize, Math.min(pieceSize, used + headerSize + maxData));
    },
    filled(length) {
      writeHeader(piece, used, kinds.data, length);
      used += headerSize + length;
    },
    async breathe() {
      signal.throwIfAborted();
      if (performance.now() - turn < turnMs) return;
      await nextTurn();
      turn = performance.now();
    },
  };
}
