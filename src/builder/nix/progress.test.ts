import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createNixProgress } from './progress.ts';

const lines = (name: string) =>
  readFileSync(join(import.meta.dirname, 'fixtures', `${name}.txt`), 'utf8').split('\n');

function follow(feed: readonly string[]) {
  const shown: string[] = [];
  const progress = createNixProgress({
    status: (text) => shown.push(text),
    progress: (current, total, unit) => shown.push(`${current}/${total} ${unit}`),
  });
  for (const line of feed) progress.take(line);
  return { shown, progress };
}

test('a build shows the evaluation, each derivation with its phase, and how many are done', () => {
  const { shown, progress } = follow(lines('ok'));
  expect(shown).toEqual(
    expect.arrayContaining([
      'evaluating',
      'building libgreet-1.0 (unpackPhase)',
      'building libgreet-1.0 (installPhase)',
      '1/4 items',
      'building hello-app',
      '3/4 items',
    ]),
  );
  expect(new Set(shown).size).toBe(shown.length);
  expect(progress.state()).toMatchObject({ building: [], built: 4, toBuild: 4, failed: 0 });
  expect(progress.finished.map((path) => path.slice(44))).toEqual([
    'libgreet-1.0.drv',
    'other-0.3.drv',
    'tool-2.1.drv',
    'hello-app.drv',
  ]);
  expect(progress.errors).toEqual([]);
});

test('a download shows its bytes', () => {
  const { shown, progress } = follow(lines('hash'));
  expect(shown).toContain('1041408/3000000 bytes');
  expect(progress.state()).toMatchObject({ fetched: 3_000_000, toFetch: 3_000_000 });
});

test('paths from a cache show as fetched, and are counted', () => {
  const { shown, progress } = follow(lines('substitute'));
  expect(shown).toContain('fetching libgreet-1.0');
  expect(progress.state()).toMatchObject({ copied: 4, toCopy: 4, built: 0 });
});

test('of a failed build there are the errors and the end of its own log', () => {
  const { progress } = follow(lines('keepgoing'));
  expect(progress.errors.length).toBeGreaterThanOrEqual(3);
  const log = progress.logOf('/nix/store/6qh22ldbnbyjsphgc82rmw90q2vb3ysg-breaks-1.2.drv');
  expect(log.at(-1)).toBe('main.c:7: error: no such thing');
  expect(log).not.toContain('about to die');
  expect(progress.state().failed).toBe(2);
});

test('whatever order and damage the lines come in, it goes on and holds little', () => {
  const all = ['ok', 'fails', 'hash', 'substitute', 'nonet'].flatMap(lines);
  const damaged = fc.constantFrom(...all).chain((line) =>
    fc.oneof(
      fc.constant(line),
      fc.nat(line.length).map((at) => line.slice(at)),
      fc.nat(line.length).map((at) => line.slice(0, at)),
    ),
  );
  fc.assert(
    fc.property(fc.array(damaged, { maxLength: 200 }), (feed) => {
      const { progress } = follow(feed);
      expect(progress.errors.length).toBeLessThanOrEqual(100);
      expect(progress.state().built).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 100 },
  );
});

test('a builder that writes for ever, and a log of starts without stops, are held to a limit', () => {
  const start = (id: number, name: string) =>
    `@nix {"action":"start","fields":["/nix/store/${name}.drv"],"id":${id},"type":105,"text":""}`;
  const { progress } = follow([
    start(1, 'noisy'),
    ...Array.from(
      { length: 5000 },
      (_, i) => `@nix {"action":"result","fields":["${i} ${'x'.repeat(5000)}"],"id":1,"type":101}`,
    ),
    ...Array.from({ length: 300 }, (_, i) => `error: ${i}`),
  ]);
  expect(progress.logOf('/nix/store/noisy.drv')).toHaveLength(40);
  expect(progress.logOf('/nix/store/noisy.drv').at(-1)).toHaveLength(2000);
  expect(progress.errors).toHaveLength(100);
  expect(progress.errors[0]?.core).toBe('error: 0');
  expect(progress.errors.at(-1)?.core).toBe('error: 299');
});
