import { expect, test } from 'vitest';
import type { ServiceState, Unit } from '../protocol/fields.ts';
import { describeUnit, readiness } from './readiness.ts';

const unit = (more: Partial<Unit> = {}): Unit => ({
  name: 'web',
  state: 'ready',
  pid: 7,
  restarts: 0,
  uptimeMs: 5000,
  status: null,
  signal: null,
  message: '',
  preset: null,
  user: 'app',
  ...more,
});
const state = (services: Unit[], entrypoint: Unit | null = null): ServiceState => ({
  services,
  entrypoint,
  healthChecks: [],
});

test('all ready is ready; a shell without services is, too', () => {
  expect(readiness(state([unit()], unit({ name: 'entrypoint' })))).toEqual({ kind: 'ready', settleMs: 0 });
  expect(readiness(state([]))).toEqual({ kind: 'ready', settleMs: 0 });
});

test('what has only just started is believed a second after its start', () => {
  expect(readiness(state([unit(), unit({ uptimeMs: 300 })]))).toEqual({ kind: 'ready', settleMs: 700 });
});

test('what has not begun, waits, or is to be restarted is waited for', () => {
  const slow = [
    unit({ state: 'stopped', pid: null, uptimeMs: null }),
    unit({ state: 'waiting' }),
    unit({ state: 'backoff', status: 1 }),
  ];
  expect(readiness(state([unit(), ...slow]))).toEqual({ kind: 'waiting', for: slow });
});

test('a service that failed, and an entrypoint that ended in whatever way, fail', () => {
  const dead = unit({ state: 'failed', status: 1 });
  expect(readiness(state([unit(), dead]))).toEqual({ kind: 'failed', unit: dead, entrypoint: false });
  const over = unit({ state: 'stopped', status: 0 });
  expect(readiness(state([], over))).toEqual({ kind: 'failed', unit: over, entrypoint: true });
});

test('a service that ended with 0 has done its work', () => {
  expect(readiness(state([unit({ state: 'stopped', status: 0 }), unit()]))).toEqual({
    kind: 'ready',
    settleMs: 0,
  });
  const killed = unit({ state: 'stopped', status: 137, signal: 'KILL' });
  expect(readiness(state([killed])).kind).toBe('failed');
});

test('a unit in words', () => {
  expect(describeUnit(unit({ state: 'backoff', message: 'exit status 3', restarts: 4 }))).toBe(
    'web: ended (exit status 3), restarted 4 times',
  );
  expect(describeUnit(unit({ state: 'waiting', message: 'waits for db' }))).toBe(
    'web: waiting (waits for db)',
  );
});
