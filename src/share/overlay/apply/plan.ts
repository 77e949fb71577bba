import type { HostTree } from '../../tree/host-tree.ts';
import type { Attributes } from '../../tree/tree.ts';
import type { Difference, Differences } from '../changes/differences.ts';
import { type Item, isRoot } from '../changes/walk.ts';
import { keyOf, kindOf, lookAt } from '../lower.ts';
import { isNode, type Model } from '../upper/model.ts';
import type { Selection } from './select.ts';

/** What has to be done on the host, in this order. */
export interface Plan {
  /** Places that are emptied, as they are now: what is in a folder before the folder. */
  outs: { key: string; found: Attributes }[];
  /** Places that are filled: a folder before what is in it. */
  ins: In[];
  /** @see Mode.place */
  links: { from: string; place: string; to: string }[];
  modes: Mode[];
}

export interface Mode {
  key: string;
  /** Where the host has it before. */
  place: string;
  mode: number;
}

export type In =
  | { to: string; is: 'moved'; origin: string; isFolder: boolean }
  | { to: string; is: 'new'; item: Item }
  /** One that the host no longer has, with something new in it, has no item. */
  | { to: string; is: 'folder'; mode: number; item: Item | undefined };

const depth = (key: string): number => key.split('/').length;

/** @param lower the host's folder as it is, in which nothing is in conflict with the selection */
export function plan(lower: HostTree, model: Model, found: Differences, { items, gone }: Selection): Plan {
  const changed = new Map<Item, Difference>();
  for (const one of found.list) if (one.item?.path === one.path) changed.set(one.item, one);
  const outs = new Map<string, Attributes>();
  const made: Plan = { outs: [], ins: [], links: [], modes: [] };
  const out = (key: string): void => {
    const attributes = lookAt(lower, key);
    if (attributes !== undefined) outs.set(key, attributes);
  };
  /** Folders that are there when the changes begin to be made, and stay. */
  const stays = (item: Item): boolean =>
    item.node.kind === 'folder' &&
    !item.isMoved &&
    !isNode(otherAt(model, item)) &&
    isFolder(lower, item.place);
  for (const { key } of gone) {
    const at = found.at.get(key);
    if (at === undefined || (!stays(at) && !found.unchanged.has(at))) out(key);
  }
  const placed = new Set<string>();
  /** The folders above, as far as the host no longer has them. */
  const above = (item: Item | undefined): void => {
    if (item === undefined || isRoot(item) || items.has(item)) return;
    above(item.parent);
    const to = keyOf(item.path);
    if (isFolder(lower, item.place) || placed.has(to)) return;
    placed.add(to);
    made.ins.push({
      to,
      is: 'folder',
      mode: (item.node.mode ?? item.node.base?.mode ?? 0o755) & 0o777,
      item: undefined,
    });
  };
  for (const item of items) {
    if (isRoot(item)) {
      if (item.node.mode !== undefined) made.modes.push({ key: '', place: '', mode: item.node.mode });
      continue;
    }
    const { node, isMoved } = item;
    const to = keyOf(item.path);
    const change = changed.get(item);
    if (change !== undefined || node.origin === undefined) above(item.parent);
    const isNew =
      node.kind === 'folder' ? node.origin === undefined : node.origin === undefined || node.hasData;
    if (isMoved && node.origin !== undefined) out(node.origin);
    if (isNew && node.kind === 'folder') {
      if (stays(item)) {
        if (change?.mode !== undefined) made.modes.push({ key: to, place: item.place, mode: change.mode.to });
      } else made.ins.push({ to, is: 'folder', mode: node.mode ?? 0o755, item });
    } else if (
      isNew &&
      (isMoved || (change !== undefined && (node.origin === undefined || change.isContent)))
    ) {
      if (node.origin !== undefined) out(node.origin);
      made.ins.push({ to, is: 'new', item });
    } else {
      if (isMoved && node.origin !== undefined)
        made.ins.push({ to, is: 'moved', origin: node.origin, isFolder: node.kind === 'folder' });
      if (node.mode !== undefined && node.kind !== 'link' && change?.mode !== undefined)
        made.modes.push({ key: to, place: node.origin ?? item.place, mode: node.mode });
    }
    for (const { path, parent } of item.links) {
      above(parent);
      made.links.push({ from: to, place: item.place, to: keyOf(path) });
    }
  }
  made.outs = [...outs]
    .map(([key, attributes]) => ({ key, found: attributes }))
    .sort((a, b) => depth(b.key) - depth(a.key));
  made.ins.sort((a, b) => depth(a.to) - depth(b.to));
  return made;
}

const isFolder = (lower: HostTree, key: string): boolean =>
  kindOf(lookAt(lower, key)?.mode ?? 0) === 'folder';

/** What else of the host is from the place of an item. */
function otherAt(model: Model, { place, node }: Item) {
  const claim = model.claims.get(place);
  return claim === node ? undefined : claim;
}
