import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MvmError } from '../errors/mvm-error.ts';
import { createDecoder } from './decode.ts';
import { encodeFrame, encodeHeader, type Frame, frameTypes, maxPayload } from './frame.ts';
import { parseGuestFrame } from './guest-messages.ts';
import { createOpening, guestProof, hostProof, maxDropped } from './preamble.ts';

const payload = (least: number, most: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ minLength: least, maxLength: most }).map((bytes) => Buffer.from(bytes));

const anyFrame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({
    type: fc.constant(frameTypes.data),
    stream: fc.integer({ min: 0, max: 3 }),
    payload: payload(1, 400),
  }),
  fc.record({ type: fc.constant(frameTypes.credit), stream: fc.constant(0), payload: payload(4, 4) }),
  fc.record({ type: fc.constant(frameTypes.exit), stream: fc.constant(0), payload: payload(2, 60) }),
  fc.record({
    type: fc.constantFrom(frameTypes.live, frameTypes.close, frameTypes.eof),
    stream: fc.constant(0),
    payload: fc.constant(Buffer.alloc(0)),
  }),
);

/** Cuts bytes at the given places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [...places.map((p) => p % (bytes.length + 1)), 0, bytes.length].sort((a, b) => a - b);
  return sorted.slice(1).map((end, i) => bytes.subarray(sorted[i], end));
}

describe('createDecoder', () => {
  it('gives the same frames in whatever pieces the bytes come', () => {
    fc.assert(
      fc.property(
        fc.array(anyFrame, { maxLength: 12 }),
        fc.array(fc.nat(5000), { maxLength: 20 }),
        (frames, at) => {
          const decoder = createDecoder();
          const got = cut(Buffer.concat(frames.map(encodeFrame)), at).flatMap((p) => [...decoder.push(p)]);
          expect(got).toEqual(frames);
          expect(decoder.held).toBe(0);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('throws nothing but GUEST_PROTOCOL for random bytes, and holds no more than a frame', () => {
    const bytes = fc.oneof(
      payload(0, 300),
      // Headers that are nearly right, to get behind the first check.
      fc
        .tuple(
          fc.constantFrom(...Object.values(frameTypes)),
          fc.integer({ min: 0, max: 4 }),
          fc.oneof(fc.nat(10), fc.nat(maxPayload + 2)),
          payload(0, 300),
        )
        .map(([type, stream, length, rest]) => Buffer.concat([encodeHeader(type, stream, length), rest])),
    );
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 8 }), (chunks) => {
        const decoder = createDecoder();
        try {
          for (const chunk of chunks) {
            for (const frame of decoder.push(chunk)) {
              for (const op of [
                'exec',
                'console',
                'boot',
                'info',
                'services',
                'logs',
                'entrypoint',
                'service',
              ] as const) {
                try {
                  parseGuestFrame(frame, op);
                } catch (error) {
                  expect(error).toMatchObject({ code: 'GUEST_PROTOCOL' });
                }
              }
            }
            expect(decoder.held).toBeLessThanOrEqual(8 + maxPayload);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(MvmError);
          expect((error as MvmError).code).toBe('GUEST_PROTOCOL');
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('gives the frames before a fault', () => {
    const decoder = createDecoder();
    const good = encodeFrame({ type: frameTypes.live, stream: 0, payload: Buffer.alloc(0) });
    const got: number[] = [];
    expect(() => {
      for (const frame of decoder.push(Buffer.concat([good, good, Buffer.alloc(8)]))) got.push(frame.type);
    }).toThrow(/type 0x00 is unknown/);
    expect(got).toEqual([frameTypes.live, frameTypes.live]);
  });
});

describe('createOpening', () => {
  const key = Buffer.alloc(32, 1);
  const nonce = Buffer.alloc(16, 2);
  const theirs = Buffer.alloc(16, 3);
  const proof = guestProof(key, nonce);

  it("finds the guest's proof behind any bytes, in any pieces", () => {
    fc.assert(
      fc.property(
        payload(0, 200),
        payload(0, 200),
        fc.array(fc.nat(5000), { maxLength: 9 }),
        (junk, rest, at) => {
          const proofs: Buffer[] = [];
          const opening = createOpening(key, (p) => proofs.push(p), nonce);
          const all = Buffer.concat([junk, proof.subarray(0, 31), proof, theirs, rest]);
          const after = cut(all, at).map((p) => opening.feed(p) ?? Buffer.alloc(0));
          expect(Buffer.concat(after)).toEqual(rest);
          expect(proofs).toEqual([hostProof(key, nonce, theirs)]);
        },
      ),
    );
  });

  it('gives up after 64 MiB, and takes a proof just before that', () => {
    const junk = Buffer.alloc(maxDropped);
    const patient = createOpening(key, () => {}, nonce);
    expect(patient.feed(junk)).toBeUndefined();
    expect(patient.feed(Buffer.concat([proof, theirs, Buffer.from('x')]))?.toString()).toBe('x');
    const impatient = createOpening(key, () => {}, nonce);
    impatient.feed(junk);
    expect(() => impatient.feed(Buffer.alloc(100))).toThrow(/without the guest's answer/);
  });
});
