import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MvmError } from '../errors/mvm-error.ts';
import { createDecoder } from '../protocol/decode.ts';
import { frameTypes } from '../protocol/frame.ts';
import { feed, play } from './session.fixture.ts';
import { createSession } from './session.ts';
import type { Stream } from './stream.ts';
import { budget, firstWindow } from './window.ts';

/** `MVM_FUZZ_FRAMES=1000000` for a long run. */
const frames = Number(process.env.MVM_FUZZ_FRAMES) || 20_000;
const { streamData, streamOpen, streamReset, streamWindow } = frameTypes;

/** A random number generator with a seed (Lehmer's), so that a failure can be had again. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

test(`a guest of ${frames} random frames gets no further than its windows, and is ended by its first breach`, () => {
  const random = randomFrom(7);
  let count = 0;
  let breaches = 0;
  while (count < frames) {
    let unread = 0;
    const streams: Stream[] = [];
    const session = createSession({ send: () => random(50) > 0 }, 1024);
    const openOne = () => {
      const mine = { unread: 0 };
      const stream = session.open(
        {},
        {
          data(bytes) {
            mine.unread += bytes.length;
            unread += bytes.length;
            if (random(3) > 0) return;
            stream?.taken(mine.unread);
            unread -= mine.unread;
            mine.unread = 0;
          },
          end: () => random(2) > 0 && stream?.end(),
          reset() {
            unread -= mine.unread;
          },
          writable() {},
        },
      );
      if (stream !== undefined) streams.push(stream);
    };
    try {
      for (; count < frames; count++) {
        if (random(10) === 0 || streams.length === 0) openOne();
        if (random(10) === 0) session.drained();
        const stream = streams[streams.length - 1 - random(Math.min(streams.length, 20))];
        if (random(4) === 0) stream?.write(Buffer.alloc(1 + random(5000)));
        const id = random(400) === 0 ? random(2 * streams.length + 4) : (stream?.id ?? 1);
        const type =
          random(900) === 0 ? streamOpen + random(5) : [streamData, streamWindow, streamData][random(3)];
        const isReset = random(40) === 0;
        const size = type === streamWindow ? 4 : 1 + random(300);
        const payload = Buffer.alloc(4 + (isReset ? 1 : size), 1 + random(3));
        payload.writeUInt32BE(Math.max(id, 1));
        if (type === streamWindow && !isReset) payload.writeUInt32BE(1 + random(2000), 4);
        session.frame({ type: isReset ? streamReset : (type ?? streamData), stream: 0, payload });
        expect(unread <= streams.length * firstWindow + budget).toBe(true);
      }
    } catch (error) {
      if (!(error instanceof MvmError)) throw error;
      breaches++;
      count++;
    }
    session.end();
    expect(session.count).toBe(0);
  }
  process.stdout.write(`${count} frames, ${breaches} sessions ended by a breach\n`);
}, 600_000);

test('random bytes are frames or a breach, never another error', () => {
  const bytes = fc.uint8Array({ maxLength: 400 });
  fc.assert(
    fc.property(bytes, fc.integer({ min: streamOpen, max: streamWindow }), fc.nat(3), (random, type, id) => {
      const { session } = play();
      session.open({}, { data() {}, end() {}, reset() {}, writable() {} });
      const payload = Buffer.alloc(4 + random.length);
      payload.writeUInt32BE(id);
      payload.set(random, 4);
      const header = Buffer.from([type, 0, 0, 0, 0, 0, payload.length >> 8, payload.length & 255]);
      try {
        feed(session, Buffer.concat([header, payload]));
        for (const frame of createDecoder().push(Buffer.from(random)))
          if (frame.type >= 0x10) session.frame(frame);
      } catch (error) {
        if (!(error instanceof MvmError)) throw error;
      }
    }),
  );
});
