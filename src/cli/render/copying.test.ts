import { expect, test } from 'vitest';
import type { MvmEvent } from '../../events/events.ts';
import type { Context } from '../context.ts';
import { showCopying } from './copying.ts';

/** What a copy of two files emits. */
async function emitted(
  streams: { stderr: boolean; stdout?: boolean },
  env: NodeJS.ProcessEnv = {},
  isOutput = false,
) {
  const events: MvmEvent[] = [];
  const { stderr, stdout = false } = streams;
  const context = {
    env,
    stderr: { isTTY: stderr },
    stdout: { isTTY: stdout },
    emit: (event: MvmEvent) => void events.push(event),
  } as Context;
  const copying = showCopying(context, 'Copying a to demo:', isOutput);
  for (let i = 0; i < 13; i++) copying.onSkipped('a FIFO', `/x/${i}`);
  await copying.during(5_000_000, async (onProgress) => {
    const totals = { files: 2, bytes: 3_000_000 };
    for (let i = 0; i < 1000; i++) onProgress(totals);
    return totals;
  });
  return events;
}

test('a terminal shows bytes, files and the rate, some ten times a second', async () => {
  const events = await emitted({ stderr: true });
  expect(events).toContainEqual({ type: 'start', phase: 'copy', label: 'Copying a to demo:' });
  expect(events).toContainEqual({
    type: 'progress',
    phase: 'copy',
    current: 3_000_000,
    total: 5_000_000,
    unit: 'bytes',
  });
  expect(events).toContainEqual({
    type: 'status',
    phase: 'copy',
    text: expect.stringMatching(/^2 files · .*B\/s$/),
  });
  expect(events).toContainEqual(expect.objectContaining({ type: 'done', summary: '2 files, 3.0 MB' }));
  expect(events.filter(({ type }) => type === 'progress').length).toBeLessThan(20);
});

test('what is no terminal, or has the output itself, shows nothing but what is skipped', async () => {
  for (const events of [
    await emitted({ stderr: false }),
    await emitted({ stderr: true, stdout: true }, {}, true),
  ])
    expect([...new Set(events.map(({ type }) => type))]).toEqual(['note']);
  expect((await emitted({ stderr: false }, { MVM_PROGRESS: 'json' })).map(({ type }) => type)).toContain(
    'progress',
  );
});

test('ten of what is skipped are named, the others counted', async () => {
  const notes = (await emitted({ stderr: false })).map((event) => (event.type === 'note' ? event.text : ''));
  expect(notes).toHaveLength(11);
  expect(notes[0]).toBe('/x/0 is a FIFO, and is not copied.');
  expect(notes[10]).toBe('3 more are not copied.');
});
