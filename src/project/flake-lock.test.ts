import { expect, test } from 'vitest';
import { type FlakeLock, mergeLocks, parseFlakeLock, renderLock } from './flake-lock.ts';

const at = (rev: string, inputs?: Record<string, string | string[]>) => ({
  ...(inputs === undefined ? {} : { inputs }),
  locked: { rev, type: 'git' },
  original: { type: 'git' },
});
const lock = (inputs: Record<string, string | string[]>, nodes: Record<string, object> = {}): FlakeLock => {
  const made = parseFlakeLock({ nodes: { ...nodes, root: { inputs } }, root: 'root', version: 7 });
  if (made === undefined) throw new Error('no lock');
  return made;
};

test('what a build replaced is not locked, and neither is what only that needs', () => {
  const locked = lock(
    { mvm: 'mvm', nixpkgs: 'nixpkgs_2', tool: 'tool' },
    { mvm: at('m', { nixpkgs: 'nixpkgs' }), nixpkgs: at('of mvm'), nixpkgs_2: at('n'), tool: at('t') },
  );
  expect(mergeLocks(undefined, locked, ['mvm', 'mvm/nixpkgs'])).toEqual(
    lock({ nixpkgs: 'nixpkgs_2', tool: 'tool' }, { nixpkgs_2: at('n'), tool: at('t') }),
  );
});

test('where all is replaced there is nothing to write', () => {
  const locked = lock({ mvm: 'mvm', nixpkgs: 'n' }, { mvm: at('m'), n: at('n') });
  expect(mergeLocks(undefined, locked, ['mvm', 'nixpkgs'])).toBeUndefined();
});

test('an input that was locked before stays so while it is replaced', () => {
  const old = lock({ nixpkgs: 'nixpkgs' }, { nixpkgs: at('pinned') });
  const locked = lock(
    { nixpkgs: 'nixpkgs', tool: 'tool' },
    { nixpkgs: at('debian'), tool: at('t', { nixpkgs: 'nixpkgs_2' }), nixpkgs_2: at('of tool') },
  );
  const merged = mergeLocks(old, locked, ['nixpkgs']);
  expect(merged?.nodes).toEqual({
    nixpkgs: at('pinned'),
    nixpkgs_2: at('of tool'),
    root: { inputs: { nixpkgs: 'nixpkgs', tool: 'tool' } },
    tool: at('t', { nixpkgs: 'nixpkgs_2' }),
  });
  // The build after that changes nothing.
  expect(mergeLocks(merged, locked, ['nixpkgs'])).toBeUndefined();
});

test('two inputs of the same name keep their nodes apart', () => {
  const old = lock({ a: 'x' }, { x: at('old') });
  const locked = lock({ a: 'y', b: 'x' }, { x: at('new'), y: at('a') });
  expect(mergeLocks(old, locked, ['a'])?.nodes).toEqual({
    x: at('old'),
    x_2: at('new'),
    root: { inputs: { a: 'x', b: 'x_2' } },
  });
});

test('an input that follows an absent one is left out, too: Nix refuses such a lock', () => {
  const locked = lock(
    { nixpkgs: 'n', tool: 'tool', via: ['tool', 'nixpkgs'], other: 'other' },
    { n: at('n'), tool: at('t', { nixpkgs: ['nixpkgs'] }), other: at('o') },
  );
  expect(mergeLocks(undefined, locked, ['nixpkgs'])?.nodes.root).toEqual({ inputs: { other: 'other' } });
});

test('links in a circle end', () => {
  const locked = lock({ a: ['b'], b: ['a'], c: 'c' }, { c: at('c') });
  expect(mergeLocks(undefined, locked, [])?.nodes.root).toEqual({ inputs: { c: 'c' } });
});

test('another format is no lock, and a lock is written as Nix does', () => {
  expect(parseFlakeLock({ version: 7 })).toBeUndefined();
  expect(renderLock(lock({ c: 'c' }, { c: at('c') }))).toMatch(/^\{\n {2}"nodes": \{\n[\s\S]*\n\}\n$/);
});
