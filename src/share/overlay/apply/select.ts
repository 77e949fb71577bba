import type { Names } from '../../tree/tree.ts';
import type { Difference, Differences } from '../changes/differences.ts';
import { isOf } from '../changes/differences.ts';
import { type Gone, type Item, isRoot } from '../changes/walk.ts';
import { isBelow } from '../lower.ts';
import { isNode, type Model } from '../upper/model.ts';

/** What is to be brought to the host. */
export interface Selection {
  items: ReadonlySet<Item>;
  gone: ReadonlySet<Gone>;
  /** What that is in words of changes. */
  list: readonly Difference[];
}

/**
 * The changes of these paths, with those without which they can't be made: the folders that they are in, and what has to leave
 * their places.
 * @param paths undefined: all
 * @param isMeant leaves out changes that are not asked for
 */
export function select(
  found: Differences,
  model: Model,
  paths: readonly Names[] | undefined,
  isMeant: (one: Difference) => boolean,
): Selection {
  const selection = new Closure(found, model);
  const isNamed = (one: Pick<Difference, 'path' | 'from'>) => paths === undefined || isOf(one, paths);
  const kept = new Set<Item | Gone>();
  for (const one of found.list) {
    const of = one.item ?? one.gone;
    if (of !== undefined && isNamed(one) && !isMeant(one)) kept.add(of);
  }
  for (const one of found.list) {
    if (!isNamed(one) || kept.has((one.item ?? one.gone) as Item)) continue;
    if (one.item !== undefined) selection.item(one.item);
    if (one.gone !== undefined) selection.goneAt(one.gone);
  }
  // What is not listed, since something in it is, or since it makes no difference.
  for (const item of found.unchanged)
    if (isNamed({ path: item.path, from: undefined })) selection.loose(item);
  for (const gone of found.gone.values())
    if (isNamed({ path: gone.key.split('/'), from: undefined }) && !kept.has(gone))
      selection.looseGone(gone, kept);
  const list = found.list.filter(
    ({ item, gone }) =>
      (item !== undefined && selection.items.has(item)) || (gone !== undefined && selection.gone.has(gone)),
  );
  return { items: selection.items, gone: selection.gone, list };
}

class Closure {
  readonly items = new Set<Item>();
  readonly gone = new Set<Gone>();
  readonly #found: Differences;
  readonly #model: Model;

  constructor(found: Differences, model: Model) {
    this.#found = found;
    this.#model = model;
  }

  item(item: Item): void {
    if (this.items.has(item) || isRoot(item)) {
      this.items.add(item);
      return;
    }
    this.items.add(item);
    this.#above(item.parent);
    this.#leave(item.place, item);
    for (const { place, parent } of item.links) {
      this.#above(parent);
      this.#leave(place, item);
    }
  }

  goneAt(gone: Gone): void {
    if (this.gone.has(gone)) return;
    this.gone.add(gone);
    if (this.#found.at.get(gone.key)?.node.kind === 'folder') return;
    for (const [key, claim] of this.#model.claims) {
      if (key === gone.key || !isBelow(key, gone.key)) continue;
      if (!isNode(claim)) this.goneAt(this.#found.gone.get(key) ?? { key, base: claim });
      else this.#moved(this.#found.of.get(claim));
    }
  }

  /** An item that makes no change. */
  loose(item: Item): void {
    this.items.add(item);
  }

  /** One that is not listed: the host has nothing there any more, or it goes with all that is in it. */
  looseGone(gone: Gone, kept: ReadonlySet<Item | Gone>): void {
    for (const [key, claim] of this.#model.claims) {
      if (key === gone.key || !isBelow(key, gone.key)) continue;
      const of = isNode(claim) ? this.#found.of.get(claim) : this.#found.gone.get(key);
      if (of !== undefined && kept.has(of)) return;
    }
    const at = this.#found.at.get(gone.key);
    if (at !== undefined && kept.has(at)) return;
    this.goneAt(gone);
  }

  #above(item: Item | undefined): void {
    if (item === undefined || isRoot(item)) return;
    if (item.node.origin === undefined || item.isMoved) this.item(item);
    else this.#above(item.parent);
  }

  #moved(item: Item | undefined): void {
    if (item?.isMoved) this.item(item);
  }

  /** What the host has at that place has to go first. */
  #leave(place: string, item: Item): void {
    const claim = this.#model.claims.get(place);
    if (claim === undefined || claim === item.node) return;
    if (isNode(claim)) this.#moved(this.#found.of.get(claim));
    else this.goneAt(this.#found.gone.get(place) ?? { key: place, base: claim });
  }
}
