import { encodeHeader, frameTypes, headerSize } from '../protocol/frame.ts';

const idSize = 4;

/** A frame of a stream up to its payload, which has so many bytes. */
export function encodeStreamHeader(type: number, id: number, length: number): Buffer {
  const frame = Buffer.allocUnsafe(headerSize + idSize);
  encodeHeader(type, 0, idSize + length).copy(frame);
  frame.writeUInt32BE(id, headerSize);
  return frame;
}

/** A whole frame of a stream. */
export function encodeStreamFrame(type: number, id: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([encodeStreamHeader(type, id, payload.length), payload]);
}

export function encodeStreamWindow(id: number, bytes: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(bytes);
  return encodeStreamFrame(frameTypes.streamWindow, id, payload);
}
