import type { Names } from '../tree/tree.ts';
import type { Overlay } from './apply/apply.ts';
import { type Difference, differences, isOf } from './changes/differences.ts';
import { isRoot, walk } from './changes/walk.ts';
import { namesOf } from './lower.ts';
import { type Base, fieldsOf, isNode, type Model } from './upper/model.ts';
import { tidy } from './upper/tidy.ts';

/**
 * Gives up changes: the guest sees there what the host has.
 * @param paths undefined: all
 * @returns what was given up
 */
export function discard(
  { lower, upper }: Overlay,
  paths: readonly Names[] | undefined,
): readonly Difference[] {
  const { list } = differences(lower, upper);
  const model = upper.copy();
  const below = withMoved(model, paths ?? [[]]);
  const isGiven = (path: Names, from?: Names) => isOf({ path, from }, below);
  const { items, at, gone } = walk(model);
  const freed: { key: string; base: Base | undefined }[] = [];
  const given = new Set<string>();
  // What is in a folder before the folder.
  for (const item of [...items].reverse()) {
    const { node, name, path, parent, links, place, isMoved } = item;
    const from = isMoved && node.origin !== undefined ? namesOf(node.origin) : undefined;
    if (isRoot(item) || (node.kind === 'folder' && node.origin === place)) {
      if (isGiven(path)) model.take([['node', { ...fieldsOf(node), mode: undefined, times: undefined }]], 0n);
      continue;
    }
    const isOwn = isGiven(path, from);
    if (isOwn && parent !== undefined) model.take([['name', parent.node.id, name, undefined]], 0n);
    for (const link of links)
      if ((isOwn && node.origin !== undefined) || isGiven(link.path))
        model.take([['name', link.parent.node.id, link.path.at(-1) ?? '', undefined]], 0n);
    if (isOwn) given.add(place);
    if (isOwn && node.origin !== undefined) freed.push({ key: node.origin, base: node.base });
  }
  /** What the guest has made in that place stays there, and goes on hiding what the host has. */
  const isTaken = (key: string): boolean => at.has(key) && !given.has(key);
  for (const { key, base } of freed) {
    if (isTaken(key) && at.get(key)?.node.origin !== key) model.take([['gone', key, base]], 0n);
    else show(model, key);
  }
  for (const { key } of gone.values()) {
    if (!isGiven(namesOf(key)) || isTaken(key)) continue;
    model.take([['gone', key, undefined]], 0n);
    show(model, key);
  }
  tidy(model);
  upper.replace(model);
  return list.filter((one) => isOf(one, below));
}

/** A folder that was moved goes back with all that was changed in it, here and there. */
function withMoved(model: Model, paths: readonly Names[]): Names[] {
  const below = [...paths];
  const moved = walk(model).items.filter(({ isMoved, node }) => isMoved && node.kind === 'folder');
  for (let before = -1; before !== below.length; ) {
    before = below.length;
    for (const { path, node } of moved) {
      const from = namesOf(node.origin ?? '');
      if (!isOf({ path, from }, below)) continue;
      for (const one of [path, from]) if (!isOf({ path: one, from: undefined }, below)) below.push(one);
    }
  }
  return below;
}

/** The folders above that the guest removed are there again. */
function show(model: Model, key: string): void {
  for (let end = key.lastIndexOf('/'); end > 0; end = key.lastIndexOf('/', end - 1)) {
    const above = key.slice(0, end);
    const claim = model.claims.get(above);
    if (claim === undefined || isNode(claim)) continue;
    const made = walk(model).at.get(above)?.node;
    model.take([['gone', above, undefined]], 0n);
    if (made?.kind === 'folder')
      model.take([['node', { ...fieldsOf(made), origin: above, base: claim }]], 0n);
    else if (made !== undefined) model.take([['gone', above, claim]], 0n);
  }
}
