import { expect, test } from 'vitest';
import { type FakeGuest, fakeGuest, type Script } from '../../test/fakes/guest.ts';
import { encodeFrame, frameTypes } from '../protocol/frame.ts';
import { keepLink } from './keep-link.ts';

const started: Script = async (guest) => {
  await guest.welcome();
  await guest.started({ maxStreams: 10 });
};

/** Runs what a test does with a link to a guest that answers so, and lets the VM end. */
async function linked(
  script: Script,
  work: (link: ReturnType<typeof keepLink>, told: string[], guest: FakeGuest) => Promise<void>,
): Promise<void> {
  const guest = await fakeGuest(script);
  const over = new AbortController();
  const told: string[] = [];
  const link = keepLink(
    guest,
    async () => !over.signal.aborted,
    over.signal,
    (text) => told.push(text),
  );
  try {
    await work(link, told, guest);
  } finally {
    over.abort();
    await guest.close();
  }
}

test('a guest that breaks the protocol loses its streams, and is connected to anew', async () => {
  let conversations = 0;
  const script: Script = async (guest) => {
    await started(guest);
    if (conversations++ > 0) return;
    await guest.next(); // a stream is opened
    await guest.raw(
      encodeFrame({ type: frameTypes.streamData, stream: 0, payload: Buffer.from([0, 0, 0, 9, 1]) }),
    );
  };
  await linked(script, async (link, told) => {
    await link.reached;
    const first = await link.session();
    const reset = new Promise<string>((resolve) => {
      first.open({}, { data() {}, end() {}, reset: resolve, writable() {} });
    });
    expect(await reset).toBe('lost');
    await expect.poll(async () => (await link.session()) !== first).toBe(true);
    expect(told[0]).toContain('a frame of stream 9, which was not opened');
  });
});

test('an agent without streams is told as that, and not asked again', async () => {
  let conversations = 0;
  const script: Script = async (guest) => {
    conversations++;
    await guest.welcome();
    await guest.object(frameTypes.error, {
      code: 'unknown_op',
      message: 'this agent has no operation streams',
    });
  };
  await linked(script, async (link) => {
    await expect(link.reached).rejects.toMatchObject({
      code: 'GUEST_REFUSED',
      message: expect.stringContaining('too old for ports'),
    });
    await expect(link.session()).rejects.toThrow();
    expect(conversations).toBe(1);
  });
});

test('the VM’s end is seen as the end of the connection', async () => {
  let lives = true;
  const guest = await fakeGuest(started);
  const { signal } = new AbortController();
  const link = keepLink(
    guest,
    async () => lives,
    signal,
    () => {},
  );
  await link.reached;
  lives = false;
  await guest.close();
  await link.gone;
  await expect(link.session()).rejects.toThrow('the VM has ended');
});
