import { linkSync, mkdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { smallDisk } from '../../state/small-disk.fixture.ts';
import { temporaryFolder } from '../../state/temporary-folder.fixture.ts';
import { HostTree } from '../tree/host-tree.ts';
import { discard } from './discard.ts';
import { makeOverlay, path, read, seen, write } from './overlay.fixture.ts';
import { OverlayTree } from './overlay-tree.ts';
import { Upper } from './upper/upper.ts';

const fill = (host: string): void => {
  mkdirSync(join(host, 'd'));
  writeFileSync(join(host, 'd/x'), 'old');
  writeFileSync(join(host, 'a'), 'old');
};

test('a file stays the same one when it is copied, renamed and found by another process', () => {
  const overlay = makeOverlay(fill);
  const known = () => ['identity', 'ino'] as const;
  const before = overlay.tree.stat(path('d/x'));
  write(overlay.tree, 'd/x', 'new');
  overlay.tree.rename(path('d'), path('e'), false);
  overlay.tree.rename(path('e/x'), path('y'), false);
  overlay.reopen();
  for (const field of known()) expect(overlay.tree.stat(path('y'))[field]).toBe(before[field]);
});

test('what the host changes shows at once, also in a folder that the guest moved, but not over what the guest changed', () => {
  const { tree, host } = makeOverlay(fill);
  write(tree, 'a', 'G');
  tree.rename(path('d'), path('e'), false);
  for (const name of ['a', 'd/x', 'd/n']) writeFileSync(join(host, name), 'host');
  expect(['a', 'e/x', 'e/n'].map((name) => read(tree, path(name)).toString())).toEqual([
    'Gld',
    'host',
    'host',
  ]);
  rmSync(join(host, 'd/x'));
  expect(() => tree.stat(path('e/x'))).toThrow(expect.objectContaining({ code: 'ENOENT' }));
});

test('of a file that has two names on the host the guest changes one, and both are told apart', () => {
  const { tree } = makeOverlay((host) => {
    fill(host);
    linkSync(join(host, 'a'), join(host, 'b'));
  });
  write(tree, 'a', 'new');
  expect(read(tree, path('b')).toString()).toBe('old');
  expect(tree.stat(path('b')).identity).not.toBe(tree.stat(path('a')).identity);
});

test('a huge file with a hole takes no space when it is copied', () => {
  const { tree, host } = makeOverlay((at) => {
    writeFileSync(join(at, 'huge'), '');
    truncateSync(join(at, 'huge'), 2 ** 40);
  });
  write(tree, 'huge', 'x');
  expect(tree.stat(path('huge')).size).toBe(2 ** 40);
  expect(tree.stat(path('huge')).blocks).toBeLessThan(64);
  expect(statSync(join(host, 'huge')).blocks).toBe(0);
});

test('on a full disk a change fails with ENOSPC, and what there was stays; giving changes up makes room', ({
  skip,
}) => {
  const dir = temporaryFolder('mvm-full-');
  const disk = smallDisk('tmpfs', join(dir, 'disk'), '512k');
  if (disk === undefined) return skip('mounting needs root');
  try {
    const host = join(dir, 'host');
    mkdirSync(host);
    fill(host);
    const overlay = { root: host, lower: new HostTree(host), upper: new Upper(join(disk.dir, 'state')) };
    const tree = new OverlayTree(overlay.lower, overlay.upper);
    write(tree, 'kept', 'x'.repeat(10_000));
    disk.fill();
    for (let i = 0; i < 50; i++)
      try {
        tree.makeFolder(path(`folder${i}`), 0o755);
      } catch (error) {
        expect(error).toMatchObject({ code: 'ENOSPC' });
      }
    expect(() => write(tree, 'a', 'new')).toThrow(expect.objectContaining({ code: 'ENOSPC' }));
    const before = seen(tree);
    expect(before.join()).toContain('kept');
    const again = new Upper(join(disk.dir, 'state'));
    expect(seen(new OverlayTree(new HostTree(host), again))).toEqual(before);
    again.close();
    discard(overlay, undefined);
    expect(seen(tree)).toEqual(seen(overlay.lower));
    tree.close();
  } finally {
    disk.unmount();
  }
});

test.each([
  ['d/x', ['A n', 'R a b']],
  ['b', ['A n', 'D d/x']],
  ['n', ['D d/x', 'R a b']],
])('of changes that are given up one by one the others stay: %s', async (name, left) => {
  const { differences } = await import('./changes/differences.ts');
  const { tree, overlay } = makeOverlay(fill);
  write(tree, 'n', 'new');
  tree.remove(path('d/x'));
  tree.rename(path('a'), path('b'), false);
  discard(overlay, [path(name)]);
  const lines = differences(overlay.lower, overlay.upper).list.map(
    ({ status, from, path: at }) => `${status} ${from ? `${from.join('/')} ` : ''}${at.join('/')}`,
  );
  expect(lines.sort()).toEqual(left);
});
