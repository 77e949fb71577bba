import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Tree } from '../../tree/tree.ts';
import { makeOverlay, path, seen, write } from '../overlay.fixture.ts';
import { apply } from './apply.ts';

const options = { paths: undefined, isProtected: () => false, includeProtected: false };

function made() {
  return makeOverlay((host) => {
    mkdirSync(join(host, 'd'));
    mkdirSync(join(host, 'e'));
    for (const name of ['a', 'b', 'd/x', 'e/y']) writeFileSync(join(host, name), `old ${name}`);
  });
}

const removeD = (tree: Tree) => {
  tree.remove(path('d/x'));
  tree.removeFolder(path('d'));
};

const cases: [string, (tree: Tree) => void, (host: string) => void][] = [
  [
    'changed, modified by the guest',
    (tree) => write(tree, 'a', 'G'),
    (host) => writeFileSync(join(host, 'a'), 'host'),
  ],
  [
    'changed, removed by the guest',
    (tree) => tree.remove(path('a')),
    (host) => writeFileSync(join(host, 'a'), 'host'),
  ],
  [
    'changed, replaced by the guest',
    (tree) => tree.rename(path('b'), path('a'), false),
    (host) => writeFileSync(join(host, 'a'), 'host'),
  ],
  [
    'of other permissions, modified by the guest',
    (tree) => write(tree, 'a', 'G'),
    (host) => chmodSync(join(host, 'a'), 0o700),
  ],
  [
    'of other permissions, as by the guest',
    (tree) => tree.setMode(path('a'), 0o755),
    (host) => chmodSync(join(host, 'a'), 0o700),
  ],
  ['removed, modified by the guest', (tree) => write(tree, 'a', 'G'), (host) => rmSync(join(host, 'a'))],
  [
    'removed, renamed by the guest',
    (tree) => tree.rename(path('a'), path('n'), false),
    (host) => rmSync(join(host, 'a')),
  ],
  [
    'created, made by the guest',
    (tree) => write(tree, 'n', 'G'),
    (host) => writeFileSync(join(host, 'n'), 'host'),
  ],
  [
    'created, where the guest renamed to',
    (tree) => tree.rename(path('a'), path('n'), false),
    (host) => writeFileSync(join(host, 'n'), 'host'),
  ],
  [
    'created in a folder that the guest removed',
    removeD,
    (host) => writeFileSync(join(host, 'd/new'), 'host'),
  ],
  [
    'created, a link where the guest made a folder',
    (tree) => {
      tree.makeFolder(path('n'), 0o755);
      write(tree, 'n/in', 'G');
    },
    (host) => symlinkSync('/etc', join(host, 'n')),
  ],
  [
    'a folder now, modified by the guest',
    (tree) => write(tree, 'a', 'G'),
    (host) => {
      rmSync(join(host, 'a'));
      mkdirSync(join(host, 'a'));
    },
  ],
  [
    'a link now, modified by the guest',
    (tree) => write(tree, 'a', 'G'),
    (host) => {
      rmSync(join(host, 'a'));
      symlinkSync('b', join(host, 'a'));
    },
  ],
  [
    'a file now, a folder that the guest renamed',
    (tree) => tree.rename(path('d'), path('n'), false),
    (host) => {
      rmSync(join(host, 'd'), { recursive: true });
      writeFileSync(join(host, 'd'), 'host');
    },
  ],
];

test.each(cases)('a file that the host has %s, is a conflict: nothing is applied', (_, guest, host) => {
  const overlay = made();
  guest(overlay.tree);
  write(overlay.tree, 'other', 'no conflict');
  host(overlay.host);
  const before = seen(overlay.lower);
  expect(() => apply(overlay.overlay, options)).toThrow(
    expect.objectContaining({ code: 'CHANGES_CONFLICT' }),
  );
  overlay.lower.forget();
  expect(seen(overlay.lower)).toEqual(before);
  expect(readdirSync(overlay.host).filter((name) => name.startsWith('.'))).toEqual([]);
  apply(overlay.overlay, { ...options, paths: [['other']] });
  expect(readFileSync(join(overlay.host, 'other'), 'utf8')).toBe('no conflict');
});

const peaceful: [string, (tree: Tree) => void, (host: string) => void][] = [
  ['touched', (tree) => write(tree, 'a', 'G'), (host) => utimesSync(join(host, 'a'), 1, 1)],
  [
    'saved with the same content',
    (tree) => tree.remove(path('a')),
    (host) => {
      writeFileSync(join(host, 't'), 'old a');
      renameSync(join(host, 't'), join(host, 'a'));
    },
  ],
  ['also removed', (tree) => tree.remove(path('a')), (host) => rmSync(join(host, 'a'))],
  [
    'also made the same',
    (tree) => write(tree, 'n', 'G'),
    (host) => {
      writeFileSync(join(host, 'n'), 'G');
      chmodSync(join(host, 'n'), 0o644);
    },
  ],
  [
    'changed in a folder that the guest renamed',
    (tree) => tree.rename(path('d'), path('n'), false),
    (host) => writeFileSync(join(host, 'd/x'), 'host'),
  ],
];

test.each(
  peaceful,
)('a file that the host has %s, is no conflict, and the host’s content stays', (_, guest, host) => {
  const overlay = made();
  guest(overlay.tree);
  host(overlay.host);
  const wanted = seen(overlay.tree);
  apply(overlay.overlay, options);
  expect(seen(overlay.lower)).toEqual(wanted);
  expect(overlay.upper.model.isEmpty()).toBe(true);
});

test('a file that the host saves while changes are applied is not lost: they are taken back', () => {
  const overlay = made();
  write(overlay.tree, 'a', 'guest');
  write(overlay.tree, 'b', 'guest');
  const at = (point: string): void => {
    if (point === 'step 0 out') writeFileSync(join(overlay.host, 'a'), 'saved by the host');
    if (point === 'step 3 in') writeFileSync(join(overlay.host, 'b'), 'and this');
  };
  expect(() => apply(overlay.overlay, { ...options, at })).toThrow(
    expect.objectContaining({ code: 'CHANGES_CONFLICT' }),
  );
  expect(readFileSync(join(overlay.host, 'a'), 'utf8')).toBe('saved by the host');
  expect(readFileSync(join(overlay.host, 'b'), 'utf8')).toBe('old b');
});
