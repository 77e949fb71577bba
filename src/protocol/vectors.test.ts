import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MvmError } from '../errors/mvm-error.ts';
import { encodeConfiguration, maxConfiguration } from './configuration.ts';
import { createDecoder } from './decode.ts';
import { encodeFrame, type Frame } from './frame.ts';
import { createOpening, markOf, nonceSize, proofSize } from './preamble.ts';

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
  const vectors = load<{ mark: string; bytes: string; dropped: number; nonce: string; rest: string }>(
    'openings.json',
  );
  it('its vectors have what a host sends: mark, nonce, and what follows', () => {
    for (const { mark, bytes, dropped, nonce, rest } of vectors)
      expect(bytes.slice(2 * dropped)).toBe(mark + nonce + rest);
  });
});

describe('proofs.json', () => {
  const vectors = load<{
    name: string;
    key: string;
    hostNonce: string;
    guestNonce: string;
    mark: string;
    guestProof: string;
    stoppingProof: string;
    hostProof: string;
  }>('proofs.json');
  it.each(vectors)('$name: mark and proofs are these', (vector) => {
    const key = Buffer.from(vector.key, 'hex');
    const host = Buffer.from(vector.hostNonce, 'hex');
    expect(markOf(key).toString('hex')).toBe(vector.mark);
    const sizes = [proofSize + nonceSize, 1, 2, 7, 31, 33, 47];
    for (const [stopping, size] of [false, true].flatMap((is) => sizes.map((size) => [is, size] as const))) {
      const proof = stopping ? vector.stoppingProof : vector.guestProof;
      const answer = Buffer.from(proof + vector.guestNonce, 'hex');
      const proofs: string[] = [];
      const opening = createOpening(key, (proof) => proofs.push(proof.toString('hex')), host);
      expect(opening.first.toString('hex')).toBe(vector.mark + vector.hostNonce);
      const raw = Buffer.concat([Buffer.from('junk'), answer, Buffer.from('rest')]);
      const after = [...pieces(raw, size)].map((piece) => opening.feed(piece) ?? Buffer.alloc(0));
      expect(Buffer.concat(after).toString()).toBe('rest');
      expect(opening).toMatchObject({ dropped: 4, stopping });
      expect(proofs).toEqual([vector.hostProof]);
    }
  });
});

describe('configurations.json', () => {
  const vectors = load<{ name: string; configuration: string; bytes: string }>('configurations.json');
  it.each(vectors)('$name is what a template gets', ({ configuration, bytes }) => {
    expect(encodeConfiguration(configuration).toString('hex')).toBe(bytes);
  });
  it('one that no guest takes is not sent', () => {
    expect(() => encodeConfiguration('x'.repeat(maxConfiguration + 1))).toThrow(RangeError);
  });
});
