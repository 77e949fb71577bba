import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { MvmError } from '../../../errors/mvm-error.ts';

/** Bytes that are read at random places. */
export interface ByteSource {
  /** For errors. */
  name: string;
  size: number;
  /** Exactly `length` bytes; not to be written to. Throws IMAGE_INVALID beyond the end. */
  read(at: number, length: number): Buffer;
  close(): void;
}

export function damaged(source: ByteSource, what: string): MvmError {
  return new MvmError('IMAGE_INVALID', `${source.name}: ${what}.`);
}

function checkRange(source: ByteSource, at: number, length: number): void {
  if (!Number.isSafeInteger(at) || at < 0 || length < 0 || at + length > source.size) {
    throw damaged(source, `${length} bytes at ${at} are outside its ${source.size} bytes`);
  }
}

export function bufferSource(bytes: Buffer, name: string): ByteSource {
  return {
    name,
    size: bytes.length,
    read(at, length) {
      checkRange(this, at, length);
      return bytes.subarray(at, at + length);
    },
    close() {},
  };
}

/** Bytes of a page that is read and kept, and how many are kept: metadata is read here and there, again and again. */
const pageSize = 1 << 16;
const mostPages = 256;

/** Throws Node's system errors. */
export function fileSource(path: string): ByteSource {
  const fd = openSync(path, 'r');
  const { size } = fstatSync(fd);
  const pages = new Map<number, Buffer>();
  const load = (at: number, length: number): Buffer => {
    const bytes = Buffer.allocUnsafe(length);
    for (let got = 0; got < length; ) {
      const count = readSync(fd, bytes, got, length - got, at + got);
      if (count === 0) throw damaged(source, 'it became shorter while it was being read');
      got += count;
    }
    return bytes;
  };
  const page = (number: number): Buffer => {
    const at = number * pageSize;
    const bytes = pages.get(number) ?? load(at, Math.min(pageSize, size - at));
    // The page used last is at the end, the one to go first at the beginning.
    pages.delete(number);
    pages.set(number, bytes);
    if (pages.size > mostPages) pages.delete(pages.keys().next().value as number);
    return bytes;
  };
  const source: ByteSource = {
    name: path,
    size,
    read(at, length) {
      checkRange(source, at, length);
      const number = Math.floor(at / pageSize);
      const offset = at % pageSize;
      if (length === 0 || offset + length > pageSize) return load(at, length);
      return page(number).subarray(offset, offset + length);
    },
    close() {
      closeSync(fd);
    },
  };
  return source;
}
