import { closeSync, openSync, readSync } from 'node:fs';
import { violation } from './violation.ts';

export const keySize = 32;
export const nonceSize = 16;
/** What the host drops, at most, before the guest's preamble: 4 MiB. */
export const maxDropped = 4 * 1024 * 1024;

/**
 * A new nonce; one for each operation. Straight from the kernel: loading node:crypto for it would take a tenth
 * of a short command's time.
 */
export function makeNonce(): Buffer {
  const nonce = Buffer.alloc(nonceSize);
  const source = openSync('/dev/urandom', 'r');
  try {
    readSync(source, nonce);
  } finally {
    closeSync(source);
  }
  return nonce;
}

export interface Opening {
  /**
   * What of `chunk` follows the preamble; undefined while it has not been found. Throws GUEST_PROTOCOL
   * when 4 MiB have gone by without it.
   */
  feed(chunk: Buffer): Buffer | undefined;
  /** Bytes before the preamble so far; final once it is found. */
  readonly dropped: number;
}

/** Finds the guest's preamble (`key ‖ nonce`) behind whatever an earlier operation left on the port. */
export function createOpening(key: Buffer, nonce: Buffer): Opening {
  if (key.length !== keySize) throw new RangeError(`a key has ${keySize} bytes, not ${key.length}`);
  const preamble = Buffer.concat([key, nonce]);
  let tail: Buffer = Buffer.alloc(0);
  let dropped = 0;
  let found = false;
  return {
    feed(chunk) {
      if (found) return chunk;
      const bytes = tail.length === 0 ? chunk : Buffer.concat([tail, chunk]);
      const at = bytes.indexOf(preamble);
      if (at >= 0) {
        found = true;
        tail = Buffer.alloc(0);
        dropped += at;
        return bytes.subarray(at + preamble.length);
      }
      const keep = Math.min(bytes.length, preamble.length - 1);
      dropped += bytes.length - keep;
      tail = Buffer.from(bytes.subarray(bytes.length - keep));
      if (dropped > maxDropped)
        throw violation('preamble', `${dropped} bytes came without the preamble of this operation`);
      return undefined;
    },
    get dropped() {
      return dropped;
    },
  };
}
