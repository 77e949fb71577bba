/** The records of a tree; see protocol/PROTOCOL.md, "Trees". Names are bytes: they need not be UTF-8. */
export const kinds = {
  folder: 1,
  file: 2,
  symlink: 3,
  link: 4,
  data: 5,
  hole: 6,
  end: 7,
  skipped: 8,
  done: 9,
} as const;

export const headerSize = 5;
/** The longest piece of a file in one record, in bytes. */
export const maxData = 262_144;
export const maxName = 255;
/** The longest target of a symbolic link, in bytes. */
export const maxTarget = 4095;
/** So many folders may be in one another. */
export const maxDepth = 1000;
export const metaSize = 14;
/** The bits of a mode that are copied: not those that give a file's user or group to whoever runs it. */
export const modeBits = 0o1777;
/** Stands for the mode and time of what has none, as a stream. */
export const noMode = 0xffff;

export interface Meta {
  /** Undefined: it has neither mode nor time. */
  mode: number | undefined;
  /** Of the last modification, since 1970. */
  seconds: number;
  nanoseconds: number;
}

export const withoutMeta: Meta = { mode: undefined, seconds: 0, nanoseconds: 0 };

const nothing = Buffer.alloc(0);

function record(kind: number, payloadSize: number): Buffer {
  const bytes = Buffer.allocUnsafe(headerSize + payloadSize);
  writeHeader(bytes, 0, kind, payloadSize);
  return bytes;
}

/** Puts the five bytes before a payload in their place. */
export function writeHeader(bytes: Buffer, at: number, kind: number, payloadSize: number): void {
  bytes[at] = kind;
  bytes.writeUInt32BE(payloadSize, at + 1);
}

function writeMeta(bytes: Buffer, { mode, seconds, nanoseconds }: Meta): void {
  bytes.writeUInt16BE(mode === undefined ? noMode : mode & modeBits, headerSize);
  bytes.writeBigInt64BE(BigInt(seconds), headerSize + 2);
  bytes.writeUInt32BE(nanoseconds, headerSize + 10);
}

export function encodeFolder(meta: Meta, name: Buffer = nothing): Buffer {
  const bytes = record(kinds.folder, metaSize + name.length);
  writeMeta(bytes, meta);
  name.copy(bytes, headerSize + metaSize);
  return bytes;
}

/** @param link a number of its own, higher than those before, for a file with several names; 0 for any other */
export function encodeFile(meta: Meta, size: number, link = 0, name: Buffer = nothing): Buffer {
  const bytes = record(kinds.file, metaSize + 12 + name.length);
  writeMeta(bytes, meta);
  bytes.writeBigUInt64BE(BigInt(size), headerSize + metaSize);
  bytes.writeUInt32BE(link, headerSize + metaSize + 8);
  name.copy(bytes, headerSize + metaSize + 12);
  return bytes;
}

export function encodeSymlink(meta: Meta, target: Buffer, name: Buffer = nothing): Buffer {
  const bytes = record(kinds.symlink, metaSize + 2 + name.length + target.length);
  writeMeta(bytes, meta);
  bytes.writeUInt16BE(name.length, headerSize + metaSize);
  name.copy(bytes, headerSize + metaSize + 2);
  target.copy(bytes, headerSize + metaSize + 2 + name.length);
  return bytes;
}

/** Another name of a file that came before. */
export function encodeLink(link: number, name: Buffer): Buffer {
  const bytes = record(kinds.link, 4 + name.length);
  bytes.writeUInt32BE(link, headerSize);
  name.copy(bytes, headerSize + 4);
  return bytes;
}

export function encodeData(piece: Buffer): Buffer {
  const bytes = record(kinds.data, piece.length);
  piece.copy(bytes, headerSize);
  return bytes;
}

/** So many bytes of a file that are zero and take no space. */
export function encodeHole(length: number): Buffer {
  const bytes = record(kinds.hole, 8);
  bytes.writeBigUInt64BE(BigInt(length), headerSize);
  return bytes;
}

export const encodeEnd = (): Buffer => record(kinds.end, 0);
export const encodeDone = (): Buffer => record(kinds.done, 0);

/** In seconds; Node takes a number, which is right to a quarter of a microsecond. */
export function timeOf({ mode, seconds, nanoseconds }: Meta): number | undefined {
  return mode === undefined ? undefined : seconds + nanoseconds / 1e9;
}
