import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { fakeGuest } from '../../test/fakes/guest.ts';
import type { GuestAccess } from '../guest/channel/connect.ts';
import { temporaryFolder } from '../state/temporary-folder.fixture.ts';
import { connectCompanion } from './client.ts';
import type { Request } from './messages.ts';
import { serveCompanion } from './serve.ts';

const idleMs = 400;

/** A companion of a VM that is said to live until `endVm`; `over` resolves when it has ended. */
function served(guest: GuestAccess) {
  const runtimeDir = temporaryFolder('mvm-companion-');
  let alive = true;
  const over = serveCompanion(
    {
      ...{ runtimeDir, kept: join(runtimeDir, 'forwards.json'), overlays: join(runtimeDir, 'overlay') },
      ...{ guest, isAlive: async () => alive, idleMs },
    },
    () => {},
  );
  const endVm = (): void => {
    alive = false;
  };
  return { runtimeDir, over, endVm };
}

test('a companion does not end for want of work while a command waits for its first', async () => {
  const reachable = Promise.withResolvers<void>();
  const guest = await fakeGuest(async (end) => {
    await reachable.promise;
    await end.welcome();
    await end.started({ maxStreams: 10 });
    while ((await end.next()) !== undefined);
  });
  const { runtimeDir, over, endVm } = served(guest);
  let companion: Awaited<ReturnType<typeof connectCompanion>>;
  await expect
    .poll(async () => (companion = await connectCompanion(runtimeDir)), { interval: 10 })
    .toBeDefined();
  const forward = {
    address: 'localhost',
    hostPort: 0,
    guestPort: 80,
    protocol: 'tcp',
    by: 'forward',
  } as const;
  const made = companion?.ask({ ask: 'forward', forwards: [{ ...forward, nearby: false }], hold: true });
  // On a busy host a guest takes longer to be reached than a companion has patience.
  await delay(3 * idleMs);
  reachable.resolve();
  expect(await made).toHaveLength(1);
  endVm();
  companion?.close();
  // With the command its forward has gone: now there is nothing to do.
  await over;
  await guest.close();
});

test('a command learns that its answer takes long, and once interrupted waits no more', async () => {
  const guest = await fakeGuest(async (end) => {
    while ((await end.next()) !== undefined);
  });
  const { runtimeDir, over, endVm } = served(guest);
  const command = new AbortController();
  const slow = Promise.withResolvers<void>();
  let companion: Awaited<ReturnType<typeof connectCompanion>>;
  await expect
    .poll(async () => (companion = await connectCompanion(runtimeDir, command.signal, slow.resolve)), {
      interval: 10,
    })
    .toBeDefined();
  // The guest never answers, and neither does the companion.
  const asked = companion?.ask({ ask: 'follow' });
  await slow.promise;
  command.abort(new Error('interrupted'));
  await expect(asked).rejects.toThrow('interrupted');
  await companion?.closed;
  endVm();
  await guest.close();
  await over;
});

test('a forward that two commands hold ends with the last of them', async () => {
  const guest = await fakeGuest(async (end) => {
    await end.welcome();
    await end.started({ maxStreams: 10 });
    while ((await end.next()) !== undefined);
  });
  const { runtimeDir, over, endVm } = served(guest);
  const connected = async () => {
    let companion: Awaited<ReturnType<typeof connectCompanion>>;
    await expect
      .poll(async () => (companion = await connectCompanion(runtimeDir)), { interval: 10 })
      .toBeDefined();
    if (companion === undefined) throw new Error('it does not listen');
    return companion;
  };
  const [first, second, looks] = [await connected(), await connected(), await connected()];
  const by = { address: 'localhost', protocol: 'tcp', reverse: false, by: 'forward', nearby: false } as const;
  const hold = (hostPort: number): Request => ({
    ask: 'forward',
    forwards: [{ ...by, hostPort, guestPort: 80 }],
    hold: true,
  });
  const [made] = await first.ask(hold(0));
  const port = made?.hostPort ?? 0;
  await second.ask(hold(port));
  // When this one is gone, so is all that only the first holds.
  const [other] = await first.ask(hold(0));
  first.close();
  const ports = async () => (await looks.ask({ ask: 'list' })).map(({ hostPort }) => hostPort);
  await expect.poll(ports).not.toContain(other?.hostPort);
  expect(await ports()).toEqual([port]);
  second.close();
  await expect.poll(ports).toEqual([]);
  looks.close();
  endVm();
  await guest.close();
  await over;
});
