import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import {
  answerTo,
  type FakeGuest,
  fakeGuest,
  type GuestEnd,
  key,
  type Script,
} from '../../../test/fakes/guest.ts';
import { encodeFrame, encodeObject, frameTypes, maxCredit } from '../../protocol/frame.ts';
import type { GuestMessage } from '../../protocol/guest-messages.ts';
import { encodeEnd, type OpenMessage } from '../../protocol/host-messages.ts';
import { markOf, markSize, maxDropped, proofSize } from '../../protocol/preamble.ts';
import { type Channel, openChannel } from './channel.ts';

let guest: FakeGuest;
afterEach(() => guest?.close());

const exec: OpenMessage = { op: 'exec', argv: ['x'], tty: false, stdin: true };

async function open(
  script: Script,
  options: { signal?: AbortSignal; answerMs?: number; vm?: string } = {},
): Promise<Channel<'exec'>> {
  guest = await fakeGuest(script);
  return openChannel(await guest.connect(), { key, open: exec as never, ...options });
}

async function types(channel: AsyncIterable<GuestMessage>): Promise<string[]> {
  const all: string[] = [];
  for await (const message of channel) all.push(message.type);
  return all;
}

describe('openChannel', () => {
  it('sends nothing but mark and nonce to a guest that has not proved that it has the key', async () => {
    const seen: Buffer[] = [];
    guest = await fakeGuest(
      async () => {},
      async (socket, nonce) => {
        await nonce;
        socket.on('data', (bytes: Buffer) => seen.push(bytes));
        socket.write(Buffer.alloc(48, 1));
      },
    );
    const channel = openChannel(await guest.connect(), { key, open: exec as never, answerMs: 200 });
    channel.signal('INT');
    channel.resize(1, 2);
    void channel.endInput();
    await expect(types(channel)).rejects.toMatchObject({ code: 'GUEST_SILENT' });
    expect(Buffer.concat(seen)).toHaveLength(0);
  });

  it('sends proof, HELLO with the time, OPEN, and what waited, in one write', async () => {
    const duplex = new PassThrough();
    const written: Buffer[] = [];
    const through = duplex.write.bind(duplex);
    duplex.write = (bytes: Buffer) => written.push(bytes) > 0;
    const channel = openChannel(duplex, { key, open: exec as never });
    channel.signal('INT');
    await channel.endInput();
    const nonce = written[0]?.subarray(markSize) as Buffer;
    expect(written[0]?.subarray(0, markSize)).toEqual(markOf(key));
    const reading = types(channel).catch(() => {});
    through(answerTo(nonce));
    await expect.poll(() => written.length).toBe(2);
    await channel.close();
    await reading;
    const rest = written[1]?.subarray(proofSize) as Buffer;
    const hello = JSON.parse(rest.subarray(8, 8 + rest.readUInt32BE(4)).toString()) as { unixMs: number };
    expect(Math.abs(Date.now() - hello.unixMs)).toBeLessThan(10_000);
    expect(rest).toEqual(
      Buffer.concat([
        encodeObject(frameTypes.hello, { generation: 1, unixMs: hello.unixMs }),
        encodeObject(frameTypes.open, exec),
        encodeObject(frameTypes.signal, { signal: 'INT' }),
        encodeEnd(),
      ]),
    );
  });

  it('drops what an earlier operation left, also another answer and whole frames', async () => {
    const stale = encodeFrame({ type: frameTypes.data, stream: 1, payload: Buffer.from('stale') });
    guest = await fakeGuest(
      async (g) => {
        await g.welcome();
        await g.started();
        await g.exit(0);
      },
      async (socket, nonce) => {
        socket.write('junk\r\n');
        const own = await nonce;
        socket.write(
          Buffer.concat([answerTo(Buffer.alloc(16, 9)), stale, stale.subarray(0, 10), answerTo(own)]),
        );
      },
    );
    const channel = openChannel(await guest.connect(), { key, open: exec as never });
    expect(await types(channel)).toEqual(['welcome', 'started', 'exit']);
  });

  it('refuses a guest that never proves that it has the key', async () => {
    guest = await fakeGuest(
      async () => {},
      async (socket) => {
        socket.write(Buffer.alloc(maxDropped + 1024 * 1024));
      },
    );
    const channel = openChannel(await guest.connect(), { key, open: exec as never });
    await expect(types(channel)).rejects.toMatchObject({ code: 'GUEST_PROTOCOL' });
  });

  it('gives up on a guest that says nothing', async () => {
    const channel = await open(async () => {}, { answerMs: 30, vm: 'demo' });
    await expect(types(channel)).rejects.toMatchObject({
      code: 'GUEST_SILENT',
      message: "The guest of 'demo' did not answer within 0.03 s.",
    });
  });

  it.each<[string, Script]>([
    ['at once', async () => {}],
    ['after junk', (g) => g.raw('junk')],
    ['after WELCOME', (g) => g.welcome()],
    ['inside a frame', (g) => g.welcome().then(() => g.raw(Buffer.from([0x87, 0, 0])))],
    ['after STARTED', (g) => g.welcome().then(() => g.started())],
  ])('throws GUEST_LOST when the guest hangs up %s', async (_, script) => {
    for (const hangUp of [(g: GuestEnd) => g.socket.end(), (g: GuestEnd) => g.destroy()]) {
      const channel = await open(async (g) => {
        await script(g);
        hangUp(g);
      });
      await expect(types(channel)).rejects.toMatchObject({ code: 'GUEST_LOST' });
      await guest.close();
    }
  });

  it.each<[string, (g: GuestEnd) => Promise<void>]>([
    ['an unknown frame', (g) => g.raw(Buffer.alloc(8, 0xee))],
    ['a frame out of order', (g) => g.live()],
    [
      'wrong JSON',
      (g) => g.raw(encodeFrame({ type: frameTypes.exit, stream: 0, payload: Buffer.from('{}') })),
    ],
    ['too much credit', (g) => g.credit(maxCredit + 1)],
  ])('throws GUEST_PROTOCOL for %s and hangs up', async (_, send) => {
    const channel = await open(async (g) => {
      await g.welcome();
      await g.started();
      await send(g);
      while ((await g.next()) !== undefined);
    });
    await expect(types(channel)).rejects.toMatchObject({ code: 'GUEST_PROTOCOL' });
    await guest.done();
  });

  it('sends input within the credit only, all of it and in order', async () => {
    const wanted = Buffer.alloc(300_000, ((i) => i)(7)).map((_, i) => i % 251);
    const got: Buffer[] = [];
    const channel = await open(async (g) => {
      await g.welcome();
      await g.started();
      await g.consume((bytes) => got.push(bytes), 10_000);
      await g.exit(0);
    });
    const sent = Promise.all([
      channel.writeInput(Buffer.from(wanted.subarray(0, 1))),
      channel.writeInput(Buffer.from(wanted.subarray(1))),
      channel.endInput(),
    ]);
    await types(channel);
    await sent;
    await guest.done();
    expect(Buffer.concat(got).equals(wanted)).toBe(true);
  });

  it('lets RESIZE, SIGNAL and CLOSE pass input that nobody reads', async () => {
    const seen: number[] = [];
    const channel = await open(async (g) => {
      await g.welcome();
      await g.started();
      for (;;) {
        const frame = await g.next();
        if (frame === undefined) return;
        seen.push(frame.type);
      }
    });
    let closed: Promise<void> | undefined;
    for await (const message of channel) {
      if (message.type !== 'started') continue;
      void channel.writeInput(Buffer.alloc(100));
      channel.resize(10, 20);
      channel.signal('INT');
      closed = channel.close();
    }
    await closed;
    await guest.done();
    expect(seen).toEqual([frameTypes.resize, frameTypes.signal, frameTypes.close]);
  });

  it('settles input that waits for credit when the operation is over', async () => {
    const channel = await open(async (g) => {
      await g.welcome();
      await g.started();
      await g.exit(0);
    });
    const sent = channel.writeInput(Buffer.alloc(1000));
    await types(channel);
    await sent;
    expect(channel.ended).toBe(true);
  });

  it('throws the abort reason', async () => {
    const controller = new AbortController();
    const channel = await open(
      async (g) => {
        await g.welcome();
        controller.abort(new Error('enough'));
      },
      { signal: controller.signal },
    );
    await expect(types(channel)).rejects.toThrow('enough');
  });

  it('pauses the guest while nobody asks for its messages', async () => {
    let written = 0;
    const total = 400;
    const channel = await open(async (g) => {
      await g.welcome();
      await g.started();
      for (; written < total; written++) await g.data(1, Buffer.alloc(32_768));
      await g.exit(0);
    });
    let received = 0;
    for await (const message of channel) {
      if (message.type !== 'data') continue;
      received++;
      if (received === 1) {
        // As long as the guest gets anything further it isn't held up yet.
        for (let before = -1; before !== written; ) {
          before = written;
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        expect(written).toBeLessThan(total / 2);
      }
    }
    expect(received).toBe(total);
  });
});
