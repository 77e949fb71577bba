import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../state/temporary-folder.fixture.ts';
import { HostTree } from '../tree/host-tree.ts';
import { makeOverlay, seen } from './overlay.fixture.ts';
import { dice, randomOperation } from './random-operations.fixture.ts';

const seeds = process.env.MVM_SEED === undefined ? [1, 2, 3, 4, 5, 6] : [Number(process.env.MVM_SEED)];

test.each(seeds)('what a guest does has the same results on an overlay as on a folder: seed %i', (seed) => {
  const next = dice(seed);
  const fill = (host: string) => {
    const again = dice(seed);
    const tree = new HostTree(host);
    // Of a file that has two names on the host, only the one that the guest writes to changes.
    for (let i = 0; i < 300; i++) {
      const { text, operation } = randomOperation(again);
      if (!text.startsWith('link ')) operation(tree);
    }
    tree.close();
  };
  for (let i = 0; i < 300; i++) randomOperation(next);
  const plainDir = join(temporaryFolder('mvm-plain-'), 'plain');
  mkdirSync(plainDir);
  fill(plainDir);
  const plain = new HostTree(plainDir);
  const overlay = makeOverlay(fill);
  const before = seen(new HostTree(overlay.host));
  expect(seen(overlay.tree)).toEqual(seen(plain));
  const log: string[] = [];
  for (let i = 0; i < 1500; i++) {
    const { text, operation } = randomOperation(next);
    const [expected, got] = [operation(plain), operation(overlay.tree)];
    log.push(`${text}: ${expected}`);
    if (got !== expected) expect.fail(`seed ${seed}, ${log.slice(-12).join('\n')} but ${got}`);
    if (i % 100 === 99) overlay.reopen();
    if (i % 10 === 9 && seen(overlay.tree).join('\n') !== seen(plain).join('\n'))
      expect(seen(overlay.tree), `seed ${seed}, ${i}\n${log.slice(-12).join('\n')}`).toEqual(seen(plain));
  }
  expect(seen(new HostTree(overlay.host))).toEqual(before);
});
