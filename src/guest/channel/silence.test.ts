import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchSilence } from './silence.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watched() {
  const changes: boolean[] = [];
  let pings = 0;
  const watch = watchSilence(
    () => pings++,
    (silent) => changes.push(silent),
  );
  return { watch, changes, pings: () => pings };
}

it('asks after a second and tells after three, and again when the guest is heard', () => {
  const { watch, changes, pings } = watched();
  watch.waiting();
  vi.advanceTimersByTime(999);
  expect(pings()).toBe(0);
  vi.advanceTimersByTime(1);
  expect(pings()).toBe(1);
  vi.advanceTimersByTime(1999);
  expect(changes).toEqual([]);
  vi.advanceTimersByTime(60_001);
  expect(changes).toEqual([true]);
  watch.heard();
  watch.waiting();
  expect(changes).toEqual([true, false]);
  vi.advanceTimersByTime(3000);
  expect(changes).toEqual([true, false, true]);
  watch.stop();
});

it('calls a guest silent only while it is read from', () => {
  const { watch, changes } = watched();
  vi.advanceTimersByTime(10_000);
  watch.waiting();
  vi.advanceTimersByTime(2500);
  watch.heard(); // and then nobody takes its output
  vi.advanceTimersByTime(10_000);
  expect(changes).toEqual([]);
  watch.stop();
});

it('a guest that answers is asked once a second, not more', () => {
  const { watch, changes, pings } = watched();
  for (let i = 0; i < 10; i++) {
    watch.waiting();
    vi.advanceTimersByTime(1000);
    watch.heard();
  }
  expect(pings()).toBe(10);
  expect(changes).toEqual([]);
  watch.stop();
});
