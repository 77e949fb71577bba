import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { builderSoak } from '../../../soak/builder.ts';
import { makeSoakHome, type SoakHome } from '../../../soak/home.ts';
import { killsSoak } from '../../../soak/kills.ts';
import { randomOf } from '../../../soak/random.ts';
import { openRecord } from '../../../soak/record.ts';
import { type Home, makeHome, testCache } from '../../mvmctl.ts';

/** Some rounds of what `npm run soak` does hundreds of; other ones in each run. */
const seed = String(Date.now());

let outer: Home;
let home: SoakHome;
beforeEach(() => {
  outer = makeHome();
  home = makeSoakHome(join(outer.dir, 'soak'), testCache, outer.project);
});
afterEach(() => {
  home.reset();
  outer.remove();
});

// A builder of its own takes half a minute, and many times that on a machine that has other work.
test.each([
  ['builder', builderSoak, 1],
  ['kills', killsSoak, 2],
] as const)('a sample of the soak %s', { timeout: 600_000 }, async (_, soak, count) => {
  const rounds = await soak.open(home);
  for (let round = 0; round < count; round++) {
    await rounds.round(randomOf(seed, round), `${seed}-${round}`).catch((error: unknown) => {
      throw new Error(`seed ${seed}, round ${round}: ${String(error)}\n${home.takeLog()}`, { cause: error });
    });
  }
});

test('a soak that was stopped goes on with its seed, and a round has the same chances again', () => {
  const path = join(outer.dir, 'deep', 'rounds.json');
  const first = openRecord(path, 'a');
  first.add({ round: 0, what: 'x', ms: 1 });
  mkdirSync(join(outer.dir, 'deep'), { recursive: true });
  expect(openRecord(path, 'b')).toMatchObject({ seed: 'a', rounds: [{ round: 0, what: 'x', ms: 1 }] });
  const draw = (round: number) => {
    const random = randomOf('a', round);
    return [random.next(), random.next(), random.pick([1, 2, 3])];
  };
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});
