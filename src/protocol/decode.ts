import { type Frame, headerSize } from './frame.ts';
import { checkHeader, checkPayload } from './rules.ts';

export interface Decoder {
  /**
   * The frames that `chunk` completes, in order; a payload that lies whole in the chunk is a view of it.
   * Run it to its end before the next call. Throws GUEST_PROTOCOL after the frames before the fault.
   */
  push(chunk: Buffer): Generator<Frame, void, undefined>;
  /** Bytes held of a frame that is not complete; at most one frame's. */
  readonly held: number;
}

/** An incremental decoder for either direction. Holds at most one frame (8 + 262,144 bytes). */
export function createDecoder(): Decoder {
  const header = Buffer.alloc(headerSize);
  let headerFilled = 0;
  let body: Buffer | undefined;
  let bodyFilled = 0;

  function* push(chunk: Buffer): Generator<Frame, void, undefined> {
    let at = 0;
    while (at < chunk.length) {
      if (body === undefined) {
        const taken = chunk.copy(header, headerFilled, at, at + headerSize - headerFilled);
        headerFilled += taken;
        at += taken;
        if (headerFilled < headerSize) return;
        const length = checkHeader(header);
        if (chunk.length - at >= length) {
          headerFilled = 0;
          yield complete(chunk.subarray(at, at + length));
          at += length;
          continue;
        }
        body = Buffer.allocUnsafe(length);
        bodyFilled = 0;
      }
      const taken = chunk.copy(body, bodyFilled, at);
      bodyFilled += taken;
      at += taken;
      if (bodyFilled < body.length) return;
      const payload = body;
      body = undefined;
      headerFilled = 0;
      yield complete(payload);
    }
  }

  function complete(payload: Buffer): Frame {
    const frame = { type: header.readUInt8(0), stream: header.readUInt8(1), payload };
    checkPayload(frame);
    return frame;
  }

  return {
    push,
    get held() {
      return headerFilled + (body === undefined ? 0 : bodyFilled);
    },
  };
}
