import type { Attributes } from '../tree/tree.ts';
import { attributesSize, entrySize, errorNumber, replyHeader, requestHeader } from './layout.ts';

/** What a guest's kernel asks. */
export interface Request {
  opcode: number;
  /** Names the request in its reply; opaque. */
  unique: bigint;
  nodeId: number;
  /** The thread in the guest that asks. */
  thread: number;
  /** What is behind the header. */
  body: Buffer;
}

/** @param message whole, with the length in front */
export function parseRequest(message: Buffer): Request {
  return {
    opcode: message.readUInt32LE(4),
    unique: message.readBigUInt64LE(8),
    nodeId: number(message, 16),
    thread: message.readUInt32LE(32),
    body: message.subarray(requestHeader),
  };
}

/** A number of 64 bits; what is beyond 2^53 is not exact, and names nothing that this server gave out. */
export const number = (bytes: Buffer, at: number): number =>
  bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;

/** A text that ends with a NUL, as bytes, and where the next one begins; undefined where there is none. */
export function textAt(body: Buffer, at: number): { text: Buffer; next: number } | undefined {
  const end = body.indexOf(0, at);
  return end < 0 ? undefined : { text: body.subarray(at, end), next: end + 1 };
}

/** A name as trees take it, if it is one: see tree.ts. */
export function nameOf(bytes: Buffer): string | undefined {
  if (bytes.length === 0 || bytes.includes(0x2f)) return undefined;
  const name = bytes.toString('latin1');
  return name === '.' || name === '..' ? undefined : name;
}

/** A reply with room for so many bytes behind its header. */
export function reply(unique: bigint, length: number): Buffer {
  const bytes = Buffer.alloc(replyHeader + length);
  writeReplyHeader(bytes, unique, 0);
  return bytes;
}

export function writeReplyHeader(bytes: Buffer, unique: bigint, error: number): void {
  bytes.writeUInt32LE(bytes.length, 0);
  bytes.writeInt32LE(error, 4);
  bytes.writeBigUInt64LE(unique, 8);
}

export function errorReply(unique: bigint, code: string | undefined): Buffer {
  const bytes = Buffer.alloc(replyHeader);
  writeReplyHeader(bytes, unique, -errorNumber(code));
  return bytes;
}

export function writeNumber(bytes: Buffer, value: number, at: number): void {
  bytes.writeUInt32LE(value % 2 ** 32, at);
  bytes.writeUInt32LE(Math.floor(value / 2 ** 32), at + 4);
}

/** The header of a notification. */
export function writeNotice(bytes: Buffer, code: number): void {
  bytes.writeUInt32LE(bytes.length, 0);
  bytes.writeInt32LE(code, 4);
}

/** How long a guest may believe what it is told, in seconds. */
export interface Validity {
  entry: number;
  attributes: number;
}

export interface Owner {
  uid: number;
  gid: number;
}

/** fuse_entry_out. */
export function writeEntry(
  bytes: Buffer,
  at: number,
  id: number,
  found: Attributes,
  valid: Validity,
  owner: Owner,
): void {
  writeNumber(bytes, id, at);
  writeNumber(bytes, 0, at + 8);
  writeNumber(bytes, valid.entry, at + 16);
  writeNumber(bytes, valid.attributes, at + 24);
  writeNumber(bytes, 0, at + 32);
  writeAttributes(bytes, at + entrySize - attributesSize, found, owner);
}

const second = 1_000_000_000n;

/** fuse_attr. */
export function writeAttributes(bytes: Buffer, at: number, found: Attributes, owner: Owner): void {
  bytes.writeBigUInt64LE(found.ino, at);
  writeNumber(bytes, found.size, at + 8);
  writeNumber(bytes, found.blocks, at + 16);
  for (const [index, time] of [found.atimeNs, found.mtimeNs, found.ctimeNs].entries()) {
    let seconds = time / second;
    // A time before 1970 is a second that is over, and what came after it.
    if (time < 0n && seconds * second !== time) seconds -= 1n;
    bytes.writeBigInt64LE(seconds, at + 24 + 8 * index);
    bytes.writeUInt32LE(Number(time - seconds * second), at + 48 + 4 * index);
  }
  for (const [index, value] of [found.mode, found.nlink, owner.uid, owner.gid, found.rdev, 4096, 0].entries())
    bytes.writeUInt32LE(value >>> 0, at + 60 + 4 * index);
}
