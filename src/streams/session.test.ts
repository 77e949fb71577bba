import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frameTypes } from '../protocol/frame.ts';
import { feed, type Played, play } from './session.fixture.ts';
import type { Stream, StreamUser } from './stream.ts';
import { budget, firstWindow } from './window.ts';

const { streamData, streamEnd, streamOpen, streamReset, streamWindow } = frameTypes;

interface Seen {
  data: Buffer[];
  ends: number;
  resets: string[];
  writable: number;
}

function open(played: Played): Seen & { stream: Stream } {
  const seen: Seen = { data: [], ends: 0, resets: [], writable: 0 };
  const user: StreamUser = {
    data: (bytes) => void seen.data.push(bytes),
    end: () => void seen.ends++,
    reset: (code) => void seen.resets.push(code),
    writable: () => void seen.writable++,
  };
  const stream = played.session.open({ to: 'tcp', port: 80 }, user);
  if (stream === undefined) throw new Error('no stream');
  return Object.assign(seen, { stream });
}

describe('streams.json', () => {
  const path = new URL('../../protocol/vectors/streams.json', import.meta.url);
  const vectors = JSON.parse(readFileSync(path, 'utf8')) as {
    name: string;
    frames: string[];
    reason: string;
  }[];
  test.each(vectors)('$name', ({ frames, reason }) => {
    const played = play();
    open(played);
    open(played);
    const last = frames.pop() ?? '';
    for (const bytes of frames) feed(played.session, Buffer.from(bytes, 'hex'));
    const hand = () => feed(played.session, Buffer.from(last, 'hex'));
    if (reason === '') hand();
    else {
      const details = [`reason: ${reason}`];
      expect(hand).toThrow(expect.objectContaining({ code: 'GUEST_PROTOCOL', details }));
    }
  });
});

test('each direction ends in its own time, and then the number is given back', () => {
  const played = play();
  const seen = open(played);
  seen.stream.write(Buffer.from('question'));
  seen.stream.end();
  expect(played.sent.map(({ type }) => type)).toEqual([streamOpen, streamData, streamEnd]);
  played.guest(streamData, 1, 'answer');
  played.guest(streamEnd, 1);
  expect(Buffer.concat(seen.data).toString()).toBe('answer');
  expect(played.session.count).toBe(1);
  seen.stream.taken(6);
  expect([seen.ends, seen.resets, played.session.count]).toEqual([1, [], 0]);
  expect(played.sent.filter(({ type }) => type === streamReset)).toEqual([]);
});

test('a guest that opens a stream breaks the protocol', () => {
  expect(() => play().guest(streamOpen, 2, '{}')).toThrow(
    expect.objectContaining({ code: 'GUEST_PROTOCOL' }),
  );
});

test('a write goes as far as the credit, and is called for when there is more', () => {
  const played = play();
  const seen = open(played);
  const bytes = Buffer.alloc(firstWindow + 10);
  expect(seen.stream.write(bytes)).toBe(firstWindow);
  played.guest(streamWindow, 1, Buffer.from([0, 0, 0, 4]));
  expect(seen.writable).toBe(1);
  expect(seen.stream.write(bytes.subarray(firstWindow))).toBe(4);
});

test('while the guest does not read nothing is written, and afterwards each has its turn', () => {
  const played = play();
  const [one, two] = [open(played), open(played)];
  played.setBlocked(true);
  one.stream.write(Buffer.from('x'));
  expect(one.stream.write(Buffer.from('y'))).toBe(0);
  expect(two.stream.write(Buffer.from('z'))).toBe(0);
  const before = played.sent.length;
  played.setBlocked(false);
  expect([one.writable, two.writable, played.sent.length]).toEqual([1, 1, before]);
});

test('a guest that does not read is granted nothing, and no more streams than it could answer are opened', () => {
  const played = play(100_000);
  const seen = open(played);
  played.setBlocked(true);
  seen.stream.write(Buffer.from('x'));
  played.guest(streamData, 1, Buffer.alloc(firstWindow));
  seen.stream.taken(firstWindow);
  expect(played.sent.filter(({ type }) => type === streamWindow)).toEqual([]);
  let opened = 0;
  const user = { data() {}, end() {}, reset() {}, writable() {} };
  while (played.session.open({}, user) !== undefined) opened++;
  expect(opened).toBe(4096);
  played.setBlocked(false);
  expect(played.sent.filter(({ type }) => type === streamWindow)).toHaveLength(1);
});

test('no more streams than the guest takes', () => {
  const played = play(2);
  const [first] = [open(played), open(played)];
  expect(() => open(played)).toThrow('no stream');
  first.stream.reset('gone');
  open(played);
});

test('a guest that goes resets each stream', () => {
  const played = play();
  const all = [open(played), open(played)];
  played.session.end();
  expect(all.map(({ resets }) => resets)).toEqual([['lost'], ['lost']]);
  expect(played.session.count).toBe(0);
});

test('windows keep to the budget, however the streams are read', () => {
  const action = fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 32_768 }), fc.boolean());
  fc.assert(
    fc.property(fc.array(action, { minLength: 50, maxLength: 400 }), (actions) => {
      const played = play();
      const streams = Array.from({ length: 41 }, () => open(played));
      const granted = streams.map(() => firstWindow);
      const unread = streams.map(() => 0);
      let seenFrames = played.sent.length;
      for (const [at, size, reads] of actions) {
        const { stream } = streams[at] as (typeof streams)[number];
        const n = Math.min(size, granted[at] ?? 0);
        if (n > 0) {
          played.guest(streamData, stream.id, Buffer.alloc(n));
          granted[at] = (granted[at] ?? 0) - n;
          unread[at] = (unread[at] ?? 0) + n;
        }
        if (reads) {
          stream.taken(unread[at] ?? 0);
          unread[at] = 0;
        }
        for (const { type, id, payload } of played.sent.slice(seenFrames)) {
          if (type === streamWindow)
            granted[(id - 1) / 2] = (granted[(id - 1) / 2] ?? 0) + payload.readUInt32BE();
        }
        seenFrames = played.sent.length;
        const all = granted.reduce((a, b) => a + b, 0) + unread.reduce((a, b) => a + b, 0);
        expect(all).toBeLessThanOrEqual(streams.length * firstWindow + budget);
      }
    }),
    { numRuns: 50 },
  );
});
