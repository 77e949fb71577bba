import { expect, test } from 'vitest';
import { unit } from '../../guest/services/unit.fixture.ts';
import type { ServiceState, Unit } from '../../protocol/fields.ts';
import { describeUnit, readiness } from './readiness.ts';

const web = (more: Partial<Unit> = {}) => unit('web', { uptimeMs: 5000, ...more });
const state = (services: Unit[], entrypoint: Unit | null = null): ServiceState => ({
  services,
  entrypoint,
  healthChecks: [],
});

test('all ready is ready; a shell without services is, too', () => {
  expect(readiness(state([web()], web({ name: 'entrypoint' })))).toEqual({ kind: 'ready', settleMs: 0 });
  expect(readiness(state([]))).toEqual({ kind: 'ready', settleMs: 0 });
});

test('what has only just started is believed a second after its start', () => {
  expect(readiness(state([web(), web({ uptimeMs: 300 })]))).toEqual({ kind: 'ready', settleMs: 700 });
});

test('what has not begun, waits, or is to be restarted is waited for', () => {
  const slow = [
    web({ state: 'stopped', pid: null, uptimeMs: null }),
    web({ state: 'waiting' }),
    web({ state: 'backoff', status: 1 }),
  ];
  expect(readiness(state([web(), ...slow]))).toEqual({ kind: 'waiting', for: slow });
});

test('a service that failed, and an entrypoint that ended in whatever way, fail', () => {
  const dead = web({ state: 'failed', status: 1 });
  expect(readiness(state([web(), dead]))).toEqual({ kind: 'failed', unit: dead, entrypoint: false });
  const over = web({ state: 'stopped', status: 0 });
  expect(readiness(state([], over))).toEqual({ kind: 'failed', unit: over, entrypoint: true });
});

test('a service that ended with 0 has done its work', () => {
  expect(readiness(state([web({ state: 'stopped', status: 0 }), web()]))).toEqual({
    kind: 'ready',
    settleMs: 0,
  });
  const killed = web({ state: 'stopped', status: 137, signal: 'KILL' });
  expect(readiness(state([killed])).kind).toBe('failed');
});

test('a unit in words', () => {
  expect(describeUnit(web({ state: 'backoff', message: 'exit status 3', restarts: 4 }))).toBe(
    'web: ended (exit status 3), restarted 4 times',
  );
  expect(describeUnit(web({ state: 'waiting', message: 'waits for db' }))).toBe(
    'web: waiting (waits for db)',
  );
});
