import type { HostTree } from '../../tree/host-tree.ts';
import type { Names } from '../../tree/tree.ts';
import { isBelow, kindOf, lookAt, namesOf } from '../lower.ts';
import { type Base, isNode, type Kind } from '../upper/model.ts';
import type { Upper } from '../upper/upper.ts';
import { type Conflict, conflictAt, unknownIn } from './conflict.ts';
import { isAsBase, isSame } from './same.ts';
import { type Gone, type Item, type Walk, walk } from './walk.ts';

/** As git's letters: added, modified, deleted, renamed, of another type. */
export type Status = 'A' | 'M' | 'D' | 'R' | 'T';

/** One change of a guest, which is of an item or of what is gone. */
export interface Difference {
  status: Status;
  /** Where the guest has it; of what is gone, where the host has it. */
  path: Names;
  /** Of a renamed one: where the host has it. */
  from: Names | undefined;
  kind: Kind;
  /** Permissions, where they changed. */
  mode: { from: number; to: number } | undefined;
  /** Content or, of a link, text; also of what is new. */
  isContent: boolean;
  conflict: Conflict | undefined;
  item: Item | undefined;
  gone: Gone | undefined;
}

export interface Differences extends Walk {
  list: readonly Difference[];
  /** What differs from the host in times only. */
  unchanged: ReadonlySet<Item>;
}

const settable = 0o1777;

/** What a guest changed, against the host's folder as it is now. */
export function differences(lower: HostTree, upper: Upper): Differences {
  const found = walk(upper.model);
  const look = new Look(lower, upper, found);
  const list: Difference[] = [];
  const unchanged = new Set<Item>();
  for (const item of found.items) {
    const one = look.item(item);
    if (one !== undefined) list.push(one);
    else unchanged.add(item);
    for (const { path } of item.links) list.push({ ...look.added(item), path });
  }
  for (const gone of found.gone.values()) {
    const one = look.gone(gone);
    if (one !== undefined) list.push(one);
  }
  return { ...found, list: withoutImplied(list).sort(byPath), unchanged };
}

class Look {
  readonly #lower: HostTree;
  readonly #upper: Upper;
  readonly #walk: Walk;

  constructor(lower: HostTree, upper: Upper, found: Walk) {
    this.#lower = lower;
    this.#upper = upper;
    this.#walk = found;
  }

  item(item: Item): Difference | undefined {
    const { node, place, isMoved } = item;
    const { base } = node;
    const mode = this.#mode(item, base);
    const known = { path: item.path, kind: node.kind, item, gone: undefined, mode };
    if (node.origin === undefined) return this.#new(item);
    if (isMoved) {
      const from = namesOf(node.origin);
      const isContent = node.hasData;
      const conflict = this.#source(item) ?? this.#taken(place);
      return { ...known, status: 'R', from, isContent, conflict };
    }
    const host = lookAt(this.#lower, place);
    const isContent =
      node.hasData &&
      !(host !== undefined && isSame(this.#lower, this.#upper.contents, node, place, host)) &&
      !(base !== undefined && isAsBase(this.#upper.contents, node, base));
    if (!isContent && (mode === undefined || ((host?.mode ?? 0) & settable) === mode.to)) return undefined;
    return { ...known, status: 'M', from: undefined, isContent, conflict: this.#source(item) };
  }

  added(item: Item): Difference {
    const { node, path } = item;
    return {
      ...{ status: 'A', path, from: undefined, kind: node.kind, mode: undefined, isContent: true },
      ...{ conflict: undefined, item, gone: undefined },
    };
  }

  gone(gone: Gone): Difference | undefined {
    const { key, base } = gone;
    if (this.#walk.at.has(key) || lookAt(this.#lower, key) === undefined) return undefined;
    const unknown = unknownIn(this.#lower, this.#upper.model, key);
    return {
      ...{ status: 'D', path: namesOf(key), from: undefined, kind: kindOf(base.mode), mode: undefined },
      ...{ isContent: true, item: undefined, gone },
      conflict: unknown === undefined ? conflictAt(this.#lower, key, base) : 'created',
    };
  }

  /** One that the guest made, which may be in the place of one of the host's. */
  #new(item: Item): Difference | undefined {
    const { node, place } = item;
    const before = this.#upper.model.claims.get(place);
    const host = lookAt(this.#lower, place);
    const isLike = host !== undefined && isSame(this.#lower, this.#upper.contents, node, place, host);
    const isMode = ((host?.mode ?? 0) & settable) === (node.mode ?? 0o777);
    if (node.kind === 'folder' && isLike && !isNode(before)) {
      if (isMode || before === undefined) return undefined;
      return { ...this.added(item), status: 'M', isContent: false, mode: this.#mode(item, before) };
    }
    if (before === undefined)
      return isLike && isMode ? undefined : { ...this.added(item), conflict: host && 'created' };
    if (isNode(before)) {
      const status = node.kind === 'folder' ? 'A' : before.kind === node.kind ? 'M' : 'T';
      return { ...this.added(item), status };
    }
    if (isLike && isMode) return undefined;
    const status = kindOf(before.mode) === node.kind ? 'M' : 'T';
    const unknown = unknownIn(this.#lower, this.#upper.model, place);
    const conflict = unknown === undefined ? conflictAt(this.#lower, place, before) : 'created';
    return { ...this.added(item), status, isContent: !isLike, mode: this.#mode(item, before), conflict };
  }

  /** Of the host's file that the node is. */
  #source({ node }: Item): Conflict | undefined {
    if (node.origin === undefined || node.base === undefined) return undefined;
    const host = lookAt(this.#lower, node.origin);
    if (host === undefined) return 'removed';
    if (kindOf(host.mode) !== node.kind) return 'replaced';
    if (node.hasData) return conflictAt(this.#lower, node.origin, node.base);
    const isOther = host.mode !== node.base.mode && (host.mode & settable) !== node.mode;
    return node.mode !== undefined && isOther ? 'changed' : undefined;
  }

  /** Of the place that a renamed file comes to. */
  #taken(place: string): Conflict | undefined {
    const before = this.#upper.model.claims.get(place);
    if (before === undefined) return lookAt(this.#lower, place) && 'created';
    if (isNode(before)) return undefined;
    const conflict = conflictAt(this.#lower, place, before);
    return conflict === 'removed' ? undefined : conflict;
  }

  #mode({ node }: Item, base: Base | undefined): Difference['mode'] {
    if (node.mode === undefined || base === undefined || node.kind === 'link') return undefined;
    const [from, to] = [base.mode & settable, node.mode & settable];
    return from === to || kindOf(base.mode) !== node.kind ? undefined : { from, to };
  }
}

/** Without folders that are new or gone where something in them says so. */
function withoutImplied(list: readonly Difference[]): Difference[] {
  const full = { A: new Set<string>(), D: new Set<string>() };
  for (const { status, path } of list) {
    const above = status === 'D' ? full.D : full.A;
    for (let depth = path.length - 1; depth > 0; depth--) {
      const key = path.slice(0, depth).join('/');
      if (above.has(key)) break;
      above.add(key);
    }
  }
  return list.filter(({ status, kind, path, conflict }) => {
    if (kind !== 'folder' || conflict !== undefined || (status !== 'A' && status !== 'D')) return true;
    return !full[status].has(path.join('/'));
  });
}

const byPath = (a: Difference, b: Difference): number => {
  const [left, right] = [a.path.join('/'), b.path.join('/')];
  return left < right ? -1 : left > right ? 1 : 0;
};

/** Whether a change is of one of these files or folders, or of what is in them. */
export function isOf({ path, from }: Pick<Difference, 'path' | 'from'>, paths: readonly Names[]): boolean {
  return paths.some((one) => {
    const key = one.join('/');
    return isBelow(path.join('/'), key) || (from !== undefined && isBelow(from.join('/'), key));
  });
}
