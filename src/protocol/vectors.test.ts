import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MvmError } from '../errors/mvm-error.ts';
import { createDecoder } from './decode.ts';
import { encodeFrame, type Frame } from './frame.ts';
import { createOpening } from './preamble.ts';

function load<T>(name: string): T[] {
  const vectors = JSON.parse(
    readFileSync(new URL(`../../protocol/vectors/${name}`, import.meta.url), 'utf8'),
  );
  expect(vectors.length).toBeGreaterThan(0);
  return vectors;
}

function* pieces(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function decode(bytes: Buffer, size: number): Frame[] {
  const decoder = createDecoder();
  return [...pieces(bytes, size)].flatMap((piece) => [...decoder.push(piece)]);
}

describe('frames.json', () => {
  const vectors = load<{
    name: string;
    bytes: string;
    frame: { type: number; stream: number; payload: string };
  }>('frames.json');
  it.each(vectors)('$name decodes and encodes as it says', ({ bytes, frame }) => {
    const raw = Buffer.from(bytes, 'hex');
    const wanted = { ...frame, payload: Buffer.from(frame.payload, 'hex') };
    expect(encodeFrame(wanted).toString('hex')).toBe(bytes);
    for (const size of [raw.length, 1, 7]) expect(decode(raw, size)).toEqual([wanted]);
  });
});

describe('invalid.json', () => {
  const vectors = load<{ name: string; bytes: string; reason: string }>('invalid.json');
  it.each(vectors)('$name is refused', ({ bytes, reason }) => {
    const raw = Buffer.from(bytes, 'hex');
    for (const size of [raw.length, 1, 7]) {
      let error: unknown;
      try {
        decode(raw, size);
      } catch (caught) {
        error = caught;
      }
      expect(error).toBeInstanceOf(MvmError);
      expect(error).toMatchObject({ code: 'GUEST_PROTOCOL', details: [`reason: ${reason}`] });
    }
  });
});

describe('openings.json', () => {
  const vectors = load<{
    name: string;
    key: string;
    bytes: string;
    dropped: number;
    nonce: string;
    rest: string;
  }>('openings.json');
  it.each(vectors)('$name: the preamble is found', ({ key, bytes, nonce, dropped, rest }) => {
    const raw = Buffer.from(bytes, 'hex');
    for (const size of [raw.length, 1, 2, 7, 31, 33, 47, 48, 49]) {
      const opening = createOpening(Buffer.from(key, 'hex'), Buffer.from(nonce, 'hex'));
      const after = [...pieces(raw, size)].map((piece) => opening.feed(piece) ?? Buffer.alloc(0));
      expect(Buffer.concat(after).toString('hex')).toBe(rest);
      expect(opening.dropped).toBe(dropped);
    }
  });
});
