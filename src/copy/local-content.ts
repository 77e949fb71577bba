import { readSync } from 'node:fs';
import { unreadable } from './failure.ts';
import type { Pieces } from './pieces.ts';
import { encodeHole } from './records.ts';

/** Holes are found in steps of this size, in bytes: file systems keep nothing smaller. */
const block = 4096;
const zeros = Buffer.alloc(65_536);

interface Content {
  path: string;
  /** It takes less space than it is long: its zeros are sent as holes. Node has no call that tells where holes are. */
  isSparse: boolean;
  /** A read that gives less than asked for is the end, which is not so of files that the kernel makes up. */
  isEndShort: boolean;
}

/** Adds the bytes of an open file, from its beginning. Throws FILE_UNUSABLE. */
export async function* readContent(
  out: Pieces,
  fd: number,
  { path, isSparse, isEndShort }: Content,
): AsyncGenerator<Buffer> {
  let at = 0;
  let hole = 0;
  for (;;) {
    await out.breathe();
    const room = yield* out.room();
    let n: number;
    try {
      n = readSync(fd, room, 0, isSparse ? room.length - (room.length % block) : room.length, at);
    } catch (error) {
      throw unreadable(path, error);
    }
    at += n;
    if (n > 0 && isSparse) {
      // Bytes behind a hole can stay where they are only if there is none.
      const bytes = room.subarray(0, n);
      if (isZero(bytes)) hole += n;
      else if (hole === 0 && !hasZeroBlock(bytes)) out.filled(n);
      else hole = yield* sparsely(out, Buffer.from(bytes), hole);
    } else if (n > 0) out.filled(n);
    if (n === 0 || (isEndShort && !isSparse && n < room.length)) break;
  }
  if (hole > 0) yield* out.add(encodeHole(hole));
}

/** Adds runs of blocks that have something in them, and the holes between. Returns how long the hole at the end is. */
function* sparsely(out: Pieces, bytes: Buffer, before: number): Generator<Buffer, number> {
  let hole = before;
  for (let at = 0; at < bytes.length; ) {
    const isHole = isZero(bytes.subarray(at, at + block));
    let end = Math.min(at + block, bytes.length);
    while (end < bytes.length && isZero(bytes.subarray(end, end + block)) === isHole)
      end = Math.min(end + block, bytes.length);
    if (isHole) hole += end - at;
    else {
      if (hole > 0) yield* out.add(encodeHole(hole));
      hole = 0;
      for (let from = at; from < end; ) {
        const room = yield* out.room();
        const n = bytes.copy(room, 0, from, end);
        out.filled(n);
        from += n;
      }
    }
    at = end;
  }
  return hole;
}

function hasZeroBlock(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at += block) if (isZero(bytes.subarray(at, at + block))) return true;
  return false;
}

function isZero(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at += zeros.length) {
    const part = bytes.subarray(at, at + zeros.length);
    if (part.compare(zeros, 0, part.length) !== 0) return false;
  }
  return true;
}
