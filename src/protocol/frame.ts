/** Frame types of generation 1; see protocol/PROTOCOL.md, "Frames". */
export const frameTypes = {
  hello: 0x01,
  open: 0x02,
  data: 0x03,
  eof: 0x04,
  resize: 0x05,
  signal: 0x06,
  close: 0x07,
  ping: 0x08,
  streamOpen: 0x10,
  streamData: 0x11,
  streamEnd: 0x12,
  streamReset: 0x13,
  streamWindow: 0x14,
  welcome: 0x81,
  started: 0x82,
  credit: 0x84,
  live: 0x85,
  event: 0x86,
  exit: 0x87,
  error: 0x88,
  result: 0x89,
  pong: 0x8a,
  notice: 0x8b,
} as const;

export const streams = { stdin: 0, stdout: 1, stderr: 2, replay: 3 } as const;

export const headerSize = 8;
/** The longest payload that a frame may carry, in bytes. */
export const maxPayload = 262_144;
/** The longest DATA payload that a sender makes, in bytes. */
export const maxData = 32_768;
/** The most credit that may be outstanding, in bytes. */
export const maxCredit = 1_048_576;

export interface Frame {
  type: number;
  stream: number;
  /** A view of the bytes received, not a copy. */
  payload: Buffer;
}

/** The eight bytes before a payload of `length` bytes. Does not check its arguments. */
export function encodeHeader(type: number, stream: number, length: number): Buffer {
  const header = Buffer.alloc(headerSize);
  header[0] = type;
  header[1] = stream;
  header.writeUInt32BE(length, 4);
  return header;
}

/** Whether frames of this type belong to a stream of the operation `streams`: their payload begins with its number. */
export function isOfStream(type: number): boolean {
  return type >= frameTypes.streamOpen && type <= frameTypes.streamWindow;
}

/** One frame as bytes. */
export function encodeFrame(frame: Frame): Buffer {
  return Buffer.concat([encodeHeader(frame.type, frame.stream, frame.payload.length), frame.payload]);
}

/** A frame whose payload is a JSON object. */
export function encodeObject(type: number, value: object): Buffer {
  return encodeFrame({ type, stream: 0, payload: Buffer.from(JSON.stringify(value)) });
}

/** A RESIZE frame. Sizes are clamped to 1…65535: a terminal without a size reports 0. */
export function encodeResize(rows: number, cols: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt16BE(clampSize(rows), 0);
  payload.writeUInt16BE(clampSize(cols), 2);
  return encodeFrame({ type: frameTypes.resize, stream: 0, payload });
}

export function clampSize(n: number): number {
  return Math.min(65_535, Math.max(1, Math.trunc(n) || 1));
}
