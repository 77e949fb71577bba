import type { Names } from '../../tree/tree.ts';
import { keyBelow, nowhere } from '../lower.ts';
import { type Base, isNode, type Model, type Node, rootId } from '../upper/model.ts';

/** A node where the guest has it. */
export interface Item {
  node: Node;
  name: string;
  path: Names;
  /** Where that is in the host's folder as it is now, whose folders the guest may have moved; or `nowhere`, or below that. */
  place: string;
  parent: Item | undefined;
  /** It comes from another place of the host. */
  isMoved: boolean;
  /** Its other names. */
  links: { path: Names; place: string; parent: Item }[];
}

/** A place of the host that is gone for the guest. */
export interface Gone {
  key: string;
  base: Base;
}

/** What a guest's changes consist of. */
export interface Walk {
  items: readonly Item[];
  /** By their place. */
  at: ReadonlyMap<string, Item>;
  of: ReadonlyMap<Node, Item>;
  gone: ReadonlyMap<string, Gone>;
}

export function walk(model: Model): Walk {
  const root: Item = {
    ...{ node: model.root, name: '', path: [], place: '', parent: undefined, isMoved: false, links: [] },
  };
  const of = new Map<Node, Item>([[model.root, root]]);
  visit(model, root, of);
  const items = [...of.values()];
  const at = new Map(items.map((item) => [item.place, item]));
  const gone = new Map<string, Gone>();
  for (const [key, claim] of model.claims) if (!isNode(claim)) gone.set(key, { key, base: claim });
  return { items, at, of, gone };
}

function visit(model: Model, parent: Item, of: Map<Node, Item>): void {
  // A new folder in the place of one that was moved: what the host has there moves with that.
  const isTaken = isNode(model.claims.get(parent.place)) && parent.node.origin === undefined;
  const within = parent.node.origin ?? (isTaken ? nowhere : parent.place);
  for (const [name, node] of parent.node.children) {
    const path = [...parent.path, name];
    const place = keyBelow(within, name);
    const isMoved = node.origin !== undefined && node.origin !== place;
    const known = of.get(node);
    if (known !== undefined) {
      known.links.push({ path, place, parent });
      // The name that the host knows it by is its own.
      if (!isMoved && known.isMoved) swap(known, name);
      continue;
    }
    const item: Item = { node, name, path, place, parent, isMoved, links: [] };
    of.set(node, item);
    if (node.kind === 'folder') visit(model, item, of);
  }
}

function swap(item: Item, name: string): void {
  const last = item.links.pop();
  if (last === undefined || item.parent === undefined) return;
  item.links.push({ path: item.path, place: item.place, parent: item.parent });
  Object.assign(item, { ...last, name, isMoved: false });
}

export const isRoot = ({ node }: Item): boolean => node.id === rootId;
