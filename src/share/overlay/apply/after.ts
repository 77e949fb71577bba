import type { HostTree } from '../../tree/host-tree.ts';
import type { Attributes } from '../../tree/tree.ts';
import { type Item, isRoot } from '../changes/walk.ts';
import { baseOf, isBelow, keyOf, lookAt } from '../lower.ts';
import { type Effect, fieldsOf, isNode, type Model } from '../upper/model.ts';
import { tidy } from '../upper/tidy.ts';
import type { Upper } from '../upper/upper.ts';
import type { Selection } from './select.ts';

/**
 * What is left of a guest's changes when the selection is on the host. The guest knows what it made by the same identity as before.
 * @param name of what was applied
 */
export function afterApply(
  upper: Upper,
  lower: HostTree,
  { items, gone }: Selection,
  placed: ReadonlyMap<string, Attributes>,
  name: string,
): Model {
  const model = upper.copy();
  const moved = [...items].filter(({ isMoved, node }) => isMoved && node.kind === 'folder');
  const effects: Effect[] = [['applied', name]];
  for (const { key } of gone) effects.push(['gone', key, undefined]);
  for (const item of items)
    effects.push(...(item.node.kind === 'folder' ? folder(item, lower) : file(item, lower, placed)));
  rekey(model, items, gone, moved, effects);
  model.take(effects, 0n);
  tidy(model);
  return model;
}

function* folder(item: Item, lower: HostTree): Generator<Effect> {
  const { node } = item;
  if (isRoot(item)) {
    yield ['node', { ...fieldsOf(node), mode: undefined }];
    return;
  }
  const origin = keyOf(item.path);
  const attributes = lookAt(lower, origin);
  if (attributes !== undefined && attributes.identity !== node.identity)
    yield ['known', attributes.identity, node.identity, node.ino];
  const base = attributes === undefined ? node.base : baseOf(lower, origin, attributes);
  yield ['node', { ...fieldsOf(node), origin, base, mode: undefined, times: undefined }];
}

function* file(
  { node, path, parent, name, links }: Item,
  lower: HostTree,
  placed: ReadonlyMap<string, Attributes>,
): Generator<Effect> {
  const host = placed.get(keyOf(path)) ?? lookAt(lower, keyOf(path));
  if (host !== undefined && host.identity !== node.identity)
    yield ['known', host.identity, node.identity, node.ino];
  if (parent !== undefined) yield ['name', parent.node.id, name, undefined];
  for (const link of links) yield ['name', link.parent.node.id, link.path.at(-1) ?? '', undefined];
}

/** What was left where it is in a folder that was moved is in another place of the host now. */
function rekey(
  model: Model,
  items: ReadonlySet<Item>,
  gone: ReadonlySet<{ key: string }>,
  moved: readonly Item[],
  effects: Effect[],
): void {
  if (moved.length === 0) return;
  const isGone = new Set([...gone].map(({ key }) => key));
  const taken = new Set([...items].map(({ node }) => node.id));
  const from = moved.map(({ node, path }) => ({ from: node.origin ?? '', to: keyOf(path) }));
  const put: Effect[] = [];
  for (const [key, claim] of [...model.claims]) {
    const id = isNode(claim) ? claim.id : undefined;
    if (isGone.has(key) || (id !== undefined && taken.has(id))) continue;
    const [best] = from
      .filter((one) => key !== one.from && isBelow(key, one.from))
      .sort((a, b) => b.from.length - a.from.length);
    if (best === undefined) continue;
    const now = best.to + key.slice(best.from.length);
    if (isNode(claim)) put.push(['node', { ...fieldsOf(claim), origin: now }]);
    else {
      effects.push(['gone', key, undefined]);
      put.push(['gone', now, claim]);
    }
  }
  effects.push(...put);
}
