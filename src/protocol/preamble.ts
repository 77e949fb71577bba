import { closeSync, openSync, readSync } from 'node:fs';
// Not node:crypto, whose loading takes three times as long as all of this.
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { violation } from './violation.ts';

export const keySize = 32;
export const markSize = 16;
export const nonceSize = 16;
export const proofSize = 32;
/**
 * What the host drops, at most, before the guest's proof: 64 MiB. A port's queue alone holds 4 MiB, and a guest whose last
 * host was killed goes on to send what that had granted (40 MiB of streams) until it reads the mark.
 */
export const maxDropped = 64 * 1024 * 1024;

/** A new nonce; one for each operation. Straight from the kernel. */
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

function mac(key: Buffer, label: string, ...nonces: Buffer[]): Buffer {
  if (key.length !== keySize) throw new RangeError(`a key has ${keySize} bytes, not ${key.length}`);
  return Buffer.from(hmac(sha256, key, Buffer.concat([Buffer.from(label), ...nonces])));
}

/** What the host's bytes of every operation begin with. */
export const markOf = (key: Buffer): Buffer => mac(key, 'mvm mark').subarray(0, markSize);
/** Shows the host that made the nonce that the guest has the key, and whether the machine is about to power off. */
export const guestProof = (key: Buffer, host: Buffer, stopping = false): Buffer =>
  mac(key, stopping ? 'mvm stopping' : 'mvm guest', host);
/** Shows the guest that the host has the key. */
export const hostProof = (key: Buffer, host: Buffer, guest: Buffer): Buffer =>
  mac(key, 'mvm host', host, guest);

export interface Opening {
  /** What the host sends first: mark and nonce. */
  readonly first: Buffer;
  /**
   * What of `chunk` follows the guest's answer; undefined while that is not complete. Throws GUEST_PROTOCOL
   * when 64 MiB have gone by without the guest's proof.
   */
  feed(chunk: Buffer): Buffer | undefined;
  /** Bytes before the guest's proof so far; final once it is found. */
  readonly dropped: number;
  /** Once the guest is proven: whether the machine is on its way to power off. */
  readonly stopping: boolean;
}

/**
 * The host's side of an opening. Finds the guest's proof behind whatever an earlier operation left on the port.
 * @param onProven called once, when the guest has shown that it has the key: with the proof that the host sends now
 */
export function createOpening(
  key: Buffer,
  onProven: (proof: Buffer) => void,
  nonce: Buffer = makeNonce(),
): Opening {
  const proofs = [false, true].map((stopping) => guestProof(key, nonce, stopping));
  let stopping = false;
  let tail: Buffer = Buffer.alloc(0);
  let dropped = 0;
  let state: 'searching' | 'found' | 'proven' = 'searching';

  function search(bytes: Buffer): Buffer | undefined {
    for (const [i, proof] of proofs.entries()) {
      const at = bytes.indexOf(proof);
      if (at < 0) continue;
      state = 'found';
      stopping = i === 1;
      dropped += at;
      return bytes.subarray(at + proofSize);
    }
    const keep = Math.min(bytes.length, proofSize - 1);
    dropped += bytes.length - keep;
    tail = Buffer.from(bytes.subarray(bytes.length - keep));
    if (dropped > maxDropped)
      throw violation('preamble', `${dropped} bytes came without the guest's answer to this opening`);
    return undefined;
  }

  return {
    first: Buffer.concat([markOf(key), nonce]),
    feed(chunk) {
      if (state === 'proven') return chunk;
      let bytes: Buffer | undefined = tail.length === 0 ? chunk : Buffer.concat([tail, chunk]);
      if (state === 'searching') bytes = search(bytes);
      if (bytes === undefined) return undefined;
      if (bytes.length < nonceSize) {
        tail = Buffer.from(bytes);
        return undefined;
      }
      state = 'proven';
      tail = Buffer.alloc(0);
      onProven(hostProof(key, nonce, bytes.subarray(0, nonceSize)));
      return bytes.subarray(nonceSize);
    },
    get dropped() {
      return dropped;
    },
    get stopping() {
      return stopping;
    },
  };
}
