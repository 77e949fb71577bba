import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import type { ServiceState, Unit } from '../../guest/services/services.ts';
import { unit } from '../../guest/services/unit.fixture.ts';
import type { Context } from '../context.ts';
import { watchAsLines, watchOnScreen } from './watch.ts';

const state = (...services: Unit[]): ServiceState => ({ entrypoint: null, services, healthChecks: [] });

function screen(rows = 24): { context: Context; text: () => string } {
  const stdout = Object.assign(new PassThrough(), { isTTY: true, columns: 60, rows });
  const context = { stdout, env: { NO_COLOR: '1' } } as unknown as Context;
  return { context, text: () => String(stdout.read() ?? '') };
}

async function* states(list: ServiceState[], error?: Error): AsyncGenerator<ServiceState> {
  yield* list;
  if (error !== undefined) throw error;
}

it('in a pipe is a line for each change of a service, and for nothing else', async () => {
  const { context, text } = screen();
  const starting = unit('a', { state: 'starting', pid: null });
  await watchAsLines(
    context,
    states([
      state(starting, unit('b')),
      state(unit('a'), unit('b')),
      state(unit('a', { uptimeMs: 900 }), unit('b')),
    ]),
  );
  const lines = text()
    .replace(/^\S+Z /gm, '')
    .split('\n');
  expect(lines).toEqual(['a starting', 'b ready (process 60)', 'a ready (process 60)', '']);
});

it('leaves its own screen at the end, however it comes, and the last state on the usual one', async () => {
  const { context, text } = screen();
  const watching = watchOnScreen(context, states([state(unit('a'))], new Error('the VM is gone')));
  await expect(watching).rejects.toThrow('the VM is gone');
  const all = text();
  expect(all.startsWith('\u001b[?1049h\u001b[?25l\u001b[H')).toBe(true);
  expect(all).toMatch(/\[\?25h.*\[\?1049lNAME .*\na +running .*\n$/s);
  expect(context.stdout.listenerCount('resize')).toBe(0);
});

it('shows no more than fits the screen, and says how much more there is', async () => {
  const { context, text } = screen(5);
  await watchOnScreen(context, states([state(...Array.from({ length: 9 }, (_, i) => unit(`s${i}`)))]));
  const drawn = text().split('\u001b[?25h')[0] ?? '';
  expect(drawn.match(/\n/g)).toHaveLength(4);
  expect(drawn).toContain('… 7 more');
});
