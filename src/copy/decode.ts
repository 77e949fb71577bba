import { MvmError } from '../errors/mvm-error.ts';
import {
  headerSize,
  kinds,
  type Meta,
  maxData,
  maxDepth,
  maxName,
  maxTarget,
  metaSize,
  modeBits,
  noMode,
} from './records.ts';

/** What is not copied, and why. */
export type Special = 'a FIFO' | 'a socket' | 'a device';

/** Takes the records of a tree, in an order that the format allows. The entry at the top has no name. */
export interface TreeHandler {
  folder(meta: Meta, name: Buffer): void;
  /** @param link a number where the file has several names, else 0 */
  file(meta: Meta, size: number, link: number, name: Buffer): void;
  symlink(meta: Meta, name: Buffer, target: Buffer): void;
  link(link: number, name: Buffer): void;
  /** A piece of the file, in whatever pieces it came. */
  data(bytes: Buffer): void;
  hole(length: number): void;
  /** Of the file that is open, else of the folder. */
  end(): void;
  skipped(why: Special, path: Buffer): void;
  done(): void;
}

/** The shortest and the longest payload by kind, in bytes. */
const limits: Readonly<Record<number, readonly [number, number]>> = {
  [kinds.folder]: [metaSize, metaSize + maxName],
  [kinds.file]: [metaSize + 12, metaSize + 12 + maxName],
  [kinds.symlink]: [metaSize + 3, metaSize + 2 + maxName + maxTarget],
  [kinds.link]: [5, 4 + maxName],
  [kinds.data]: [1, maxData],
  [kinds.hole]: [8, 8],
  [kinds.end]: [0, 0],
  [kinds.skipped]: [2, 1 + maxTarget],
  [kinds.done]: [0, 0],
};

/** TREE_REFUSED: a tree that breaks the format's rules. The detail begins with a reason of the vectors. */
function malformed(reason: string, detail: string): MvmError {
  return new MvmError('TREE_REFUSED', 'The tree that the guest sent is malformed, and was not copied.', {
    details: [`${reason}: ${detail}`],
  });
}

/**
 * Reads records in whatever pieces they come, and holds less than 5 KiB. `push` throws TREE_REFUSED, and what the handler
 * throws; after that nothing more may be pushed.
 */
export class TreeDecoder {
  readonly #handler: TreeHandler;
  #head: Buffer = Buffer.alloc(0);
  /** Bytes that the piece of a file lacks. */
  #left = 0;
  #depth = 0;
  #inFile = false;
  #size = 0;
  /** The entry at the top has ended. */
  #ended = false;
  #highest = 0;
  isDone = false;

  constructor(handler: TreeHandler) {
    this.#handler = handler;
  }

  push(chunk: Buffer): void {
    let bytes = chunk;
    if (this.#head.length > 0) {
      bytes = Buffer.concat([this.#head, chunk]);
      this.#head = Buffer.alloc(0);
    }
    let at = 0;
    while (at < bytes.length) {
      if (this.#left > 0) {
        const n = Math.min(this.#left, bytes.length - at);
        this.#left -= n;
        this.#handler.data(bytes.subarray(at, at + n));
        at += n;
        continue;
      }
      const used = this.#record(bytes, at);
      if (used === 0) break;
      at += used;
    }
    // A copy: the chunk is not kept for the few bytes at its end.
    if (at < bytes.length) this.#head = Buffer.from(bytes.subarray(at));
  }

  /** How many bytes the record took; 0 while it is incomplete. */
  #record(bytes: Buffer, at: number): number {
    if (bytes.length - at < headerSize) return 0;
    const kind = bytes[at] as number;
    const length = bytes.readUInt32BE(at + 1);
    this.#check(kind, length);
    if (kind === kinds.data) {
      this.#grow(length);
      this.#left = length;
      return headerSize;
    }
    if (bytes.length - at < headerSize + length) return 0;
    // A copy, as names are kept.
    this.#take(kind, Buffer.from(bytes.subarray(at + headerSize, at + headerSize + length)));
    return headerSize + length;
  }

  #check(kind: number, length: number): void {
    const [least, most] = limits[kind] ?? [];
    if (least === undefined || most === undefined) throw malformed('kind', `unknown record ${kind}`);
    if (length < least || length > most) throw malformed('length', `a record ${kind} of ${length} bytes`);
    if (this.isDone || !this.#allowed(kind)) throw malformed('order', `a record ${kind} is out of place`);
  }

  #allowed(kind: number): boolean {
    const { data, hole, end, skipped, done, folder, file, symlink } = kinds;
    if (this.#inFile) return kind === data || kind === hole || kind === end;
    if (kind === data || kind === hole) return false;
    if (kind === skipped) return this.#depth > 0;
    if (this.#ended) return kind === done;
    if (this.#depth === 0) return kind === folder || kind === file || kind === symlink;
    return kind !== done;
  }

  #grow(length: number): void {
    this.#size += length;
    if (length <= 0 || this.#size > Number.MAX_SAFE_INTEGER)
      throw malformed('payload', `a file of more than ${Number.MAX_SAFE_INTEGER} bytes`);
  }

  #take(kind: number, payload: Buffer): void {
    if (kind === kinds.folder) this.#folder(payload);
    else if (kind === kinds.file) this.#file(payload);
    else if (kind === kinds.symlink) this.#symlink(payload);
    else if (kind === kinds.link) this.#link(payload);
    else if (kind === kinds.hole) this.#hole(payload);
    else if (kind === kinds.end) this.#end();
    else if (kind === kinds.skipped) {
      const why = specials[String.fromCharCode(payload[0] ?? 0)] ?? 'a device';
      this.#handler.skipped(why, payload.subarray(1));
    } else {
      this.isDone = true;
      this.#handler.done();
    }
  }

  #hole(payload: Buffer): void {
    const length = size(payload, 0);
    this.#grow(length);
    this.#handler.hole(length);
  }

  #end(): void {
    if (this.#inFile) this.#inFile = false;
    else this.#depth--;
    this.#ended = this.#depth === 0;
    this.#handler.end();
  }

  #folder(payload: Buffer): void {
    const meta = readMeta(payload);
    const name = this.#name(payload.subarray(metaSize));
    if (this.#depth === maxDepth) throw malformed('depth', `more than ${maxDepth} folders in one another`);
    this.#depth++;
    this.#handler.folder(meta, name);
  }

  #file(payload: Buffer): void {
    const meta = readMeta(payload);
    const length = size(payload, metaSize);
    const link = payload.readUInt32BE(metaSize + 8);
    if (link !== 0) {
      if (link <= this.#highest) throw malformed('payload', `the file ${link} comes after ${this.#highest}`);
      this.#highest = link;
    }
    const name = this.#name(payload.subarray(metaSize + 12));
    this.#inFile = true;
    this.#size = 0;
    this.#handler.file(meta, length, link, name);
  }

  #symlink(payload: Buffer): void {
    const meta = readMeta(payload);
    const length = payload.readUInt16BE(metaSize);
    const rest = payload.subarray(metaSize + 2);
    if (length > rest.length) throw malformed('payload', `a name of ${length} bytes is too long`);
    const name = this.#name(rest.subarray(0, length));
    const target = rest.subarray(length);
    if (target.length === 0 || target.length > maxTarget || target.includes(0))
      throw malformed('payload', 'a link has no valid target');
    this.#ended = this.#depth === 0;
    this.#handler.symlink(meta, name, target);
  }

  #link(payload: Buffer): void {
    const link = payload.readUInt32BE(0);
    if (link === 0 || link > this.#highest)
      throw malformed('payload', `another name of a file ${link} that did not come`);
    this.#handler.link(link, checkedName(payload.subarray(4)));
  }

  #name(name: Buffer): Buffer {
    if (this.#depth > 0) return checkedName(name);
    if (name.length > 0) throw malformed('name', 'the entry at the top has a name');
    return name;
  }
}

const specials: Readonly<Record<string, Special>> = { p: 'a FIFO', s: 'a socket', d: 'a device' };

/** The one thing that keeps a guest from naming what is outside of the folder that it writes in. */
function checkedName(name: Buffer): Buffer {
  const isPath = name.includes(0x2f) || name.includes(0);
  const isDots =
    (name.length === 1 && name[0] === 0x2e) || (name.length === 2 && name[0] === 0x2e && name[1] === 0x2e);
  if (name.length === 0 || name.length > maxName || isPath || isDots)
    throw malformed('name', `${JSON.stringify(name.toString().slice(0, 60))} is not a name`);
  return name;
}

function size(payload: Buffer, at: number): number {
  const value = payload.readBigUInt64BE(at);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed('payload', `${value} bytes`);
  return Number(value);
}

function readMeta(payload: Buffer): Meta {
  const mode = payload.readUInt16BE(0);
  const seconds = payload.readBigInt64BE(2);
  const nanoseconds = payload.readUInt32BE(10);
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  if (mode !== noMode && (mode & ~modeBits) !== 0) throw malformed('payload', `the mode ${mode.toString(8)}`);
  if (nanoseconds >= 1e9 || seconds < -most || seconds > most)
    throw malformed('payload', `the time ${seconds} s and ${nanoseconds} ns`);
  return { mode: mode === noMode ? undefined : mode, seconds: Number(seconds), nanoseconds };
}
