import { afterEach, describe, expect, it } from 'vitest';
import { type FakeGuest, fakeGuest } from '../../../test/fakes/guest.ts';
import { frameTypes } from '../../protocol/frame.ts';
import { controlService } from './service.ts';
import { followServices, guestServices } from './services.ts';

let guest: FakeGuest;
afterEach(() => guest?.close());

const redis = {
  name: 'redis',
  state: 'ready',
  pid: 60,
  restarts: 0,
  uptimeMs: 812,
  status: null,
  signal: null,
  message: '',
  preset: 'redis',
  user: 'redis',
};
const state = (...units: object[]) => ({ entrypoint: null, services: units, healthChecks: [] });

describe('guestServices', () => {
  it('gives the state that the guest tells', async () => {
    guest = await fakeGuest(async (g) => {
      expect(g.open).toEqual({ op: 'services', follow: false });
      await g.welcome();
      await g.object(frameTypes.result, state(redis));
    });
    expect(await guestServices(guest)).toEqual(state(redis));
    await guest.done();
  });

  it('refuses a state that no service has', async () => {
    guest = await fakeGuest((g) =>
      g.welcome().then(() => g.object(frameTypes.result, state({ ...redis, state: 'splendid' }))),
    );
    await expect(guestServices(guest)).rejects.toMatchObject({
      code: 'GUEST_PROTOCOL',
      message: expect.stringContaining('services.0.state'),
    });
  });
});

describe('followServices', () => {
  it('gives each state, and ends the operation when nobody iterates any more', async () => {
    guest = await fakeGuest(async (g) => {
      expect(g.open).toEqual({ op: 'services', follow: true });
      await g.welcome();
      await g.started({});
      await g.object(frameTypes.event, state({ ...redis, state: 'running' }));
      await g.object(frameTypes.event, state(redis));
      expect(await g.next()).toBeUndefined();
    });
    const seen: unknown[] = [];
    for await (const { services } of followServices(guest)) {
      seen.push(services[0]?.state);
      if (services[0]?.state === 'ready') break;
    }
    expect(seen).toEqual(['running', 'ready']);
    await guest.done();
  });

  it('throws GUEST_LOST when the VM ends, and the reason when aborted', async () => {
    guest = await fakeGuest(async (g) => {
      await g.welcome();
      await g.started({});
      await g.object(frameTypes.event, state());
      g.socket.end();
    });
    const drain = async (signal?: AbortSignal, on = () => {}) => {
      for await (const _ of followServices(guest, signal)) on();
    };
    await expect(drain()).rejects.toMatchObject({ code: 'GUEST_LOST' });
    await guest.close();
    guest = await fakeGuest(async (g) => {
      await g.welcome();
      await g.started({});
      await g.object(frameTypes.event, state());
    });
    const controller = new AbortController();
    await expect(drain(controller.signal, () => controller.abort(new Error('enough')))).rejects.toThrow(
      'enough',
    );
  });
});

describe('controlService', () => {
  it('gives the service when the guest is done with it', async () => {
    guest = await fakeGuest(async (g) => {
      expect(g.open).toEqual({ op: 'service', name: 'redis', action: 'restart' });
      await g.welcome();
      await g.started({});
      await g.object(frameTypes.result, { ...redis, pid: 61 });
    });
    const unit = await controlService(guest, { name: 'redis', action: 'restart' });
    expect(unit).toMatchObject({ pid: 61, state: 'ready' });
    await guest.done();
  });

  it('says why a service did not start, with the lines of its log, none of which drives the terminal', async () => {
    guest = await fakeGuest(async (g) => {
      await g.welcome();
      await g.started({});
      const message = 'the service redis: ended with status 1\nT redis err no\u001b[2J config\r\n';
      await g.object(frameTypes.error, { code: 'failed', message });
    });
    await expect(controlService(guest, { name: 'redis', action: 'start' })).rejects.toMatchObject({
      code: 'SERVICE_FAILED',
      message: 'The service redis: ended with status 1.',
      details: ['T redis err no config'],
    });
  });

  it.each([
    ['no_such_service', 'SERVICE_NOT_FOUND'],
    ['unknown_op', 'GUEST_REFUSED'],
  ])('turns %s into %s', async (code, wanted) => {
    guest = await fakeGuest((g) =>
      g.welcome().then(() => g.object(frameTypes.error, { code, message: 'no' })),
    );
    await expect(controlService(guest, { name: 'x', action: 'stop' })).rejects.toMatchObject({
      code: wanted,
    });
  });
});
