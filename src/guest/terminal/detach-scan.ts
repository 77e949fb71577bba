import type { DetachKeys } from './detach-keys.ts';

export interface DetachScanner {
  /** What of `chunk` goes to the guest, and whether the keys were pressed; what follows them is dropped. */
  feed(chunk: Buffer): { pass: Buffer; detached: boolean };
  /** The keys did not follow in time: what was held back goes to the guest. */
  flush(): Buffer;
  /** Whether the first of several keys is held back. */
  readonly holding: boolean;
}

/** A chunk longer than this was not typed: a terminal without bracketed paste pastes so. */
const typed = 64;
const pasteBegins = Buffer.from('\x1b[200~');
const pasteEnds = Buffer.from('\x1b[201~');
/** `CSI code ; modifiers : event u` without its ESC, as the kitty keyboard protocol and modifyOtherKeys encode keys. */
const encodedKey = /^\[(?:27;(\d+);(\d+)~|(\d+)(?::\d*)*(?:;(\d+)(?::(\d))?)?(?:;[\d:]*)?u)/;

/**
 * Looks for the detach keys in what the user types. Nothing in a bracketed paste, or inside a chunk too
 * long to be typed, counts. Only the beginning of several keys is ever held back, until the next key or
 * `flush`.
 */
export function createDetachScanner(keys: DetachKeys): DetachScanner {
  let held: Buffer[] = [];
  let matched = 0;
  let pasting = false;
  /** Bytes of a paste's begin or end marker seen so far. */
  let marker = 0;

  function followMarker(byte: number): void {
    const wanted = pasting ? pasteEnds : pasteBegins;
    marker = byte === wanted[marker] ? marker + 1 : byte === wanted[0] ? 1 : 0;
    if (marker < wanted.length) return;
    pasting = !pasting;
    marker = 0;
  }

  function takeHeld(): Buffer[] {
    const taken = held;
    held = [];
    matched = 0;
    return taken;
  }

  function feed(chunk: Buffer): { pass: Buffer; detached: boolean } {
    const out: Buffer[] = [];
    const long = chunk.length > typed;
    if (long) out.push(...takeHeld());
    const lookFrom = long ? chunk.length - keys.length : 0;
    let from = 0;
    for (let i = 0; i < chunk.length; ) {
      const key = pasting || i < lookFrom ? undefined : keyAt(chunk, i);
      if (key === undefined || (key.code !== keys[matched] && matched === 0)) {
        followMarker(chunk[i++] ?? 0);
        continue;
      }
      if (key.code !== keys[matched] && !key.released) {
        // Not the keys after all: the oldest goes out, and the rest may still be their beginning.
        out.push(...takeHeld());
        continue;
      }
      out.push(chunk.subarray(from, i));
      held.push(chunk.subarray(i, i + key.length));
      i += key.length;
      from = i;
      if (!key.released && ++matched === keys.length) {
        takeHeld();
        return { pass: Buffer.concat(out), detached: true };
      }
    }
    out.push(chunk.subarray(from));
    return { pass: out.length === 1 ? chunk : Buffer.concat(out), detached: false };
  }

  return {
    feed,
    flush: () => Buffer.concat(takeHeld()),
    get holding() {
      return held.length > 0;
    },
  };
}

interface Key {
  code: number;
  length: number;
  /** A key-up event, which only some keyboards' modes report. */
  released: boolean;
}

function keyAt(chunk: Buffer, i: number): Key {
  const byte = chunk[i] ?? 0;
  const plain = { code: byte, length: 1, released: false };
  if (byte !== 0x1b) return plain;
  const match = encodedKey.exec(chunk.subarray(i + 1, i + 40).toString('latin1'));
  if (match === null) return plain;
  const code = Number(match[2] ?? match[3]);
  // Modifiers are 1 + bits; 4 is control; caps lock (64) and num lock (128) do not matter.
  const modifiers = (Number(match[1] ?? match[4] ?? 1) - 1) & 0x3f;
  const key = modifiers === 4 && code >= 0x40 && code < 0x80 ? code & 0x1f : modifiers <= 1 ? code : -1;
  return { code: key, length: match[0].length + 1, released: match[5] === '3' };
}
