import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { answerTo, type FakeGuest, fakeGuest, type Hello } from '../../test/fakes/guest.ts';
import { signOfLife } from './sign-of-life.ts';

let guest: FakeGuest;
afterEach(() => guest.close());

/** A guest that answers an opening so, and never gets an operation. */
async function answering(hello: Hello): Promise<FakeGuest> {
  guest = await fakeGuest(async () => {}, hello);
  return guest;
}

/** As where the VMM dies: a Unix socket that its other end closes with bytes unread is reset. */
function reset<T extends Socket>(socket: T): T {
  setTimeout(() => socket.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })), 20);
  return socket;
}

const { signal } = new AbortController();

describe('signOfLife', () => {
  it.each([false, true])('is the guest’s proof, which says whether it powers off: %s', async (stopping) => {
    await answering(async (socket, nonce) => {
      const answer = answerTo(await nonce, stopping);
      socket.write('left by an earlier operation');
      socket.write(answer.subarray(0, 20));
      socket.write(answer.subarray(20));
    });
    expect(await signOfLife(guest, signal)).toEqual({ stopping });
  });

  it('is none where what speaks has not the key', async () => {
    await answering(async (socket, nonce) => {
      await nonce;
      socket.end(Buffer.alloc(48));
    });
    await expect(signOfLife(guest, signal)).rejects.toMatchObject({ code: 'GUEST_LOST' });
  });

  it('is none where the stream breaks', async () => {
    await answering(async () => {});
    const broken = { ...guest, connect: async () => reset(await guest.connect()) };
    await expect(signOfLife(broken, signal)).rejects.toMatchObject({ code: 'GUEST_LOST' });
  });

  it('is waited for until the signal says otherwise', async () => {
    await answering(async () => {});
    await expect(signOfLife(guest, AbortSignal.timeout(50))).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});
