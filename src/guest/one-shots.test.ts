import { afterEach, describe, expect, it } from 'vitest';
import { type FakeGuest, fakeGuest, type Script } from '../../test/fakes/guest.ts';
import { frameTypes } from '../protocol/frame.ts';
import { watchBoot } from './boot-watch.ts';
import { guestInfo } from './info.ts';
import { shutdownGuest } from './shutdown.ts';

let guest: FakeGuest;
afterEach(() => guest?.close());

const boot =
  (...events: object[]): Script =>
  async (g) => {
    await g.welcome();
    await g.started({});
    for (const event of events) await g.object(frameTypes.event, event);
    if (events.length === 1) g.socket.end();
  };

describe('watchBoot', () => {
  it('reports the stages and resolves when the guest is ready', async () => {
    guest = await fakeGuest(
      boot({ event: 'stage', stage: 'disk', uptimeMs: 5 }, { event: 'ready', uptimeMs: 1034 }),
    );
    const stages: unknown[] = [];
    const ready = await watchBoot(guest, (stage, uptimeMs) => stages.push([stage, uptimeMs]));
    expect(ready).toEqual({ uptimeMs: 1034 });
    expect(stages).toEqual([['disk', 5]]);
  });

  it('throws BOOT_FAILED with the stage and the reason', async () => {
    guest = await fakeGuest(
      boot(
        { event: 'stage', stage: 'disk', uptimeMs: 5 },
        { event: 'failed', stage: 'disk', message: 'no ext4', uptimeMs: 9 },
      ),
    );
    await expect(watchBoot(guest, () => {})).rejects.toMatchObject({
      code: 'BOOT_FAILED',
      message: expect.stringMatching(/disk.*no ext4/),
    });
  });

  it('throws GUEST_LOST when the stream ends, and the reason when aborted', async () => {
    guest = await fakeGuest(boot({ event: 'stage', stage: 'disk', uptimeMs: 5 }));
    await expect(watchBoot(guest, () => {})).rejects.toMatchObject({ code: 'GUEST_LOST' });
    await guest.close();
    guest = await fakeGuest(async () => {});
    const controller = new AbortController();
    const watching = watchBoot(guest, () => {}, controller.signal);
    controller.abort(new Error('too late'));
    await expect(watching).rejects.toThrow('too late');
  });
});

describe('guestInfo', () => {
  const info = {
    uptimeMs: 1,
    agent: '0.1.0',
    agentRssKib: 9000,
    memoryTotalKib: 1,
    memoryAvailableKib: 1,
    hostname: 'demo',
    sessions: [{ session: 3, attached: 1, pid: 60 }],
  };

  it('gives what the guest says', async () => {
    guest = await fakeGuest((g) => g.welcome().then(() => g.object(frameTypes.result, info)));
    expect(await guestInfo(guest)).toEqual(info);
  });

  it('refuses an answer with a field of the wrong type', async () => {
    guest = await fakeGuest((g) =>
      g.welcome().then(() => g.object(frameTypes.result, { ...info, uptimeMs: 'long' })),
    );
    await expect(guestInfo(guest)).rejects.toMatchObject({
      code: 'GUEST_PROTOCOL',
      message: expect.stringContaining('uptimeMs'),
    });
  });
});

describe('shutdownGuest', () => {
  it('resolves at RESULT, or at the end of the stream once the guest agreed', async () => {
    for (const last of ['result', 'end']) {
      guest = await fakeGuest(async (g) => {
        expect(g.open).toEqual({ op: 'shutdown', timeoutMs: 500 });
        await g.welcome();
        await g.started({});
        if (last === 'result') await g.object(frameTypes.result, {});
        else g.socket.end();
      });
      await shutdownGuest(guest, { timeoutMs: 500 });
      await guest.done();
      await guest.close();
    }
  });

  it('tells how long the guest says it takes: 0 where it does not say, no nonsense', async () => {
    for (const [said, told] of [
      [{ withinMs: 26_000 }, 26_000],
      [{}, 0],
    ] as const) {
      guest = await fakeGuest(async (g) => {
        await g.welcome();
        await g.started(said);
        await g.object(frameTypes.result, {});
      });
      const heard: number[] = [];
      await shutdownGuest(guest, { timeoutMs: 500, onStarted: (ms) => heard.push(ms) });
      expect(heard).toEqual([told]);
      await guest.close();
    }
    guest = await fakeGuest(async (g) => {
      await g.welcome();
      await g.started({ withinMs: -1 });
    });
    await expect(shutdownGuest(guest, { timeoutMs: 500 })).rejects.toMatchObject({
      code: 'GUEST_PROTOCOL',
    });
  });

  it('throws GUEST_LOST when the guest never agreed', async () => {
    guest = await fakeGuest(async (g) => {
      await g.welcome();
      g.socket.end();
    });
    await expect(shutdownGuest(guest, { timeoutMs: 500 })).rejects.toMatchObject({
      code: 'GUEST_LOST',
    });
  });
});
