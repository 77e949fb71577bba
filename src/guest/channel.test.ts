import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { type FakeGuest, fakeGuest, type GuestEnd, key, type Script } from '../../test/fakes/guest.ts';
import { encodeFrame, encodeObject, frameTypes, maxCredit } from '../protocol/frame.ts';
import type { GuestMessage } from '../protocol/guest-messages.ts';
import type { OpenMessage } from '../protocol/host-messages.ts';
import { type Channel, openChannel } from './channel.ts';

let guest: FakeGuest;
afterEach(() => guest?.close());

const exec: OpenMessage = { op: 'exec', argv: ['x'], tty: false, stdin: true };

async function open(
  script: Script,
  options: { signal?: AbortSignal; answerMs?: number } = {},
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
  it('sends key, nonce, HELLO and OPEN in one write', async () => {
    const duplex = new PassThrough();
    const written: Buffer[] = [];
    duplex.write = (bytes: Buffer) => written.push(bytes) > 0;
    const channel = openChannel(duplex, { key, open: { op: 'info' } });
    await channel.close();
    expect(written[0]?.subarray(0, 32)).toEqual(key);
    expect(written[0]?.subarray(48)).toEqual(
      Buffer.concat([
        encodeObject(frameTypes.hello, { generation: 1 }),
        encodeObject(frameTypes.open, { op: 'info' }),
      ]),
    );
  });

  it('drops what an earlier operation left, also another preamble and whole frames', async () => {
    const stale = encodeFrame({ type: frameTypes.data, stream: 1, payload: Buffer.from('stale') });
    const channel = await open(async (g) => {
      await g.raw(
        Buffer.concat([Buffer.from('junk\r\n'), key, Buffer.alloc(16, 9), stale, stale.subarray(0, 10)]),
      );
      await g.welcome();
      await g.started();
      await g.exit(0);
    });
    expect(await types(channel)).toEqual(['welcome', 'started', 'exit']);
  });

  it('refuses a guest that never sends its preamble', async () => {
    const channel = await open((g) => g.raw(Buffer.alloc(5 * 1024 * 1024)));
    await expect(types(channel)).rejects.toMatchObject({ code: 'GUEST_PROTOCOL' });
  });

  it('gives up on a guest that says nothing', async () => {
    const channel = await open(async () => {}, { answerMs: 30 });
    await expect(types(channel)).rejects.toMatchObject({ code: 'GUEST_LOST' });
  });

  it.each<[string, Script]>([
    ['at once', async () => {}],
    ['after junk', (g) => g.raw('junk')],
    ['after the preamble', (g) => g.preamble()],
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
