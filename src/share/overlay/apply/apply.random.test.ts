import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../state/temporary-folder.fixture.ts';
import { HostTree } from '../../tree/host-tree.ts';
import { differences } from '../changes/differences.ts';
import { makeOverlay, seen } from '../overlay.fixture.ts';
import { dice, randomOperation } from '../random-operations.fixture.ts';
import { apply } from './apply.ts';

const seeds = process.env.MVM_SEED === undefined ? [1, 2, 3, 4, 5, 6] : [Number(process.env.MVM_SEED)];

test.each(
  seeds,
)('what is applied is on the host as the guest had it, and no change is left: seed %i', (seed) => {
  const fill = (host: string) => {
    const again = dice(seed);
    const tree = new HostTree(host);
    for (let i = 0; i < 200; i++) {
      const { text, operation } = randomOperation(again);
      if (!text.startsWith('link ')) operation(tree);
    }
    tree.close();
  };
  const plainDir = join(temporaryFolder('mvm-plain-'), 'plain');
  mkdirSync(plainDir);
  fill(plainDir);
  const plain = new HostTree(plainDir);
  const overlay = makeOverlay(fill);
  const next = dice(seed + 1000);
  const last = 12;
  for (let round = 0; round <= last; round++) {
    const log: string[] = [];
    for (let i = 0; i < 120; i++) {
      const { text, operation } = randomOperation(next);
      // The host would have two names of a file then, of which the guest changes one.
      if (text.startsWith('link ') && round < last) continue;
      const [expected, got] = [operation(plain), operation(overlay.tree)];
      log.push(`${text}: ${expected}`);
      expect(got, `seed ${seed}, round ${round}\n${log.slice(-12).join('\n')}`).toBe(expected);
    }
    const identities = identitiesOf(overlay.tree);
    const paths = round % 3 === 2 && round < last ? [['a'], ['b']] : undefined;
    const changes = differences(overlay.lower, overlay.upper).list.map(
      ({ status, path, from, conflict }) =>
        `${status} ${from?.join('/') ?? ''} ${path.join('/')} ${conflict ?? ''}`,
    );
    expect(
      changes.filter((line) => !line.endsWith(' ')),
      `seed ${seed}, round ${round}\n${changes.join('\n')}`,
    ).toEqual([]);
    apply(overlay.overlay, { paths, isProtected: () => false, includeProtected: false });
    const where = `seed ${seed}, round ${round}\n${changes.join('\n')}`;
    expect(seen(overlay.tree), where).toEqual(seen(plain));
    expect(identitiesOf(overlay.tree), where).toEqual(identities);
    if (paths === undefined) {
      expect(seen(new HostTree(overlay.host)), where).toEqual(seen(plain));
      expect(differences(overlay.lower, overlay.upper).list, where).toEqual([]);
      expect(overlay.upper.model.isEmpty(), where).toBe(true);
    }
    expect(readdirSync(overlay.host).filter((name) => name.startsWith('.'))).toEqual([]);
    overlay.reopen();
    expect(seen(overlay.tree), where).toEqual(seen(plain));
    expect(identitiesOf(overlay.tree), where).toEqual(identities);
  }
});

function identitiesOf(
  tree: HostTree | import('../overlay-tree.ts').OverlayTree,
  at: string[] = [],
): string[] {
  return tree
    .list(at)
    .flatMap(({ name }) => {
      const here = [...at, name];
      const { identity, ino, mode } = tree.stat(here);
      const line = `${here.join('/')} ${identity} ${ino}`;
      return (mode & 0o170000) === 0o040000 ? [line, ...identitiesOf(tree, here)] : [line];
    })
    .sort();
}
