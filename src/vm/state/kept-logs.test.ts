import { expect, test } from 'vitest';
import { createLogKeeper } from './kept-logs.ts';

const line = (service: string, n: number) => `2026-01-31T09:30:00.000Z ${service} out line ${n}\n`;
const { length } = line('web', 10);

test('of each service the newest whole lines are kept, however much another writes', () => {
  const keeper = createLogKeeper({ service: 5 * length, all: 100 * length });
  keeper.take(Buffer.from(line('db', 10)));
  for (let n = 10; n < 90; n++) keeper.take(Buffer.from(line('web', n)));
  const lines = [line('db', 10), ...[85, 86, 87, 88, 89].map((n) => line('web', n))];
  expect(keeper.text().toString()).toBe(lines.join(''));
});

test('all services together are bounded, whatever names a guest makes up', () => {
  const keeper = createLogKeeper({ service: 5 * length, all: 10 * length });
  for (let n = 10; n < 90; n++) keeper.take(Buffer.from(line(`s${n}`, n)));
  expect(keeper.text().length).toBeLessThanOrEqual(10 * length);
  expect(keeper.text().toString()).toContain('line 89');
});

test('lines may come in any pieces; one that a guest had no time to send whole is not kept', () => {
  const keeper = createLogKeeper();
  const text = line('web', 1) + line('db', 2) + line('web', 3).slice(0, 30);
  for (const byte of Buffer.from(text)) keeper.take(Buffer.from([byte]));
  expect(keeper.text().toString()).toBe(line('web', 1) + line('db', 2));
});
