import type { Attributes, Names } from '../tree/tree.ts';
import { rootId } from './layout.ts';
import type { Listing } from './listing.ts';

/** One of the names of a node. */
export interface Place {
  parent: Node;
  name: string;
}

/** A file that a guest's kernel knows, by a number that is never given twice. */
export interface Node {
  readonly id: number;
  identity: string;
  /** The one that was used last first; none: it is removed, and may still be open. */
  places: Place[];
  /** What it has, of what the guest knows. */
  children: Map<string, Node>;
  /** What the guest was last told of it. */
  known: Attributes | undefined;
  /** How often the guest was given it, less how often it said that it forgot. */
  lookups: number;
  /** The guest made it: it may write to it whatever its permissions are, as it could when it created it. */
  made: boolean;
  listing?: Listing;
  watch?: { close(): void };
}

/** What a table writes down, so that another process can go on with it. */
export type NodeRecord = readonly [id: number, parent: number, name: string, identity: string] | [id: number];

/** What a guest's kernel knows of a tree. */
export class Nodes {
  readonly root: Node;
  readonly #byId = new Map<number, Node>();
  readonly #byIdentity = new Map<string, Node>();
  readonly #note: (record: NodeRecord) => void;
  readonly #onDrop: (node: Node) => void;
  #next = rootId + 1;

  /** @param note told what is to be written down; @param onDrop told of each that the guest forgot */
  constructor(note: (record: NodeRecord) => void, onDrop: (node: Node) => void) {
    this.#note = note;
    this.#onDrop = onDrop;
    this.root = newNode(rootId, '');
    this.root.lookups = Number.POSITIVE_INFINITY;
    this.#byId.set(rootId, this.root);
  }

  get size(): number {
    return this.#byId.size;
  }

  get(id: number): Node | undefined {
    return this.#byId.get(id);
  }

  /** Of a file that is there; undefined where the guest does not know it. */
  of(identity: string): Node | undefined {
    return this.#byIdentity.get(identity);
  }

  /** The node of a file that was found there, which the guest is about to be given. */
  take(parent: Node, name: string, found: Attributes): Node {
    let node = this.#byIdentity.get(found.identity);
    if (node === undefined) {
      node = newNode(this.#next++, found.identity);
      this.#byId.set(node.id, node);
      this.#byIdentity.set(found.identity, node);
    }
    this.place(node, parent, name);
    node.known = found;
    node.lookups++;
    return node;
  }

  /** Notes that it has this name; what had it before has it no more. */
  place(node: Node, parent: Node, name: string): void {
    const before = parent.children.get(name);
    if (before === node) {
      const at = node.places.findIndex((one) => one.parent === parent && one.name === name);
      if (at > 0) node.places.unshift(...node.places.splice(at, 1));
      return;
    }
    if (before !== undefined) this.unplace(parent, name);
    parent.children.set(name, node);
    node.places.unshift({ parent, name });
    this.#note([node.id, parent.id, name, node.identity]);
  }

  /** The name is gone, or another file's. */
  unplace(parent: Node, name: string): void {
    const node = parent.children.get(name);
    if (node === undefined) return;
    parent.children.delete(name);
    node.places = node.places.filter((one) => one.parent !== parent || one.name !== name);
    // Its number may be given to another file, which is not this one.
    if (node.places.length === 0 && this.#byIdentity.get(node.identity) === node)
      this.#byIdentity.delete(node.identity);
  }

  /** As `place`, of one that may have lost its last name before. */
  placeAgain(node: Node, parent: Node, name: string): void {
    this.#byIdentity.set(node.identity, node);
    this.place(node, parent, name);
  }

  /** Where it is, if it has a name. */
  path(node: Node): Names | undefined {
    const names: string[] = [];
    for (let at = node; at !== this.root; ) {
      const place = at.places[0];
      if (place === undefined) return undefined;
      names.push(place.name);
      at = place.parent;
    }
    return names.reverse();
  }

  /** One that has no name, and is gone as soon as the guest forgets it. */
  ghost(attributes: Attributes): Node {
    const node = newNode(this.#next++, attributes.identity);
    node.known = attributes;
    node.lookups = 1;
    this.#byId.set(node.id, node);
    return node;
  }

  all(): Node[] {
    return [...this.#byId.values()];
  }

  forget(node: Node, count: number): void {
    node.lookups -= count;
    if (node.lookups <= 0) this.drop(node);
  }

  drop(node: Node): void {
    if (node === this.root || !this.#byId.delete(node.id)) return;
    for (const { parent, name } of [...node.places]) this.unplace(parent, name);
    for (const name of [...node.children.keys()]) this.unplace(node, name);
    if (this.#byIdentity.get(node.identity) === node) this.#byIdentity.delete(node.identity);
    this.#note([node.id]);
    this.#onDrop(node);
  }

  /** All of them, as they would have to be written down. */
  *records(): Generator<NodeRecord> {
    for (const node of this.#byId.values())
      for (const { parent, name } of [...node.places].reverse())
        yield [node.id, parent.id, name, node.identity];
  }

  /** Goes on with what another process wrote down; what makes no sense in it is left out. */
  restore(records: Iterable<NodeRecord>): void {
    for (const [id, parentId, name, identity] of records) {
      if (parentId === undefined || name === undefined || identity === undefined) {
        const gone = this.#byId.get(id);
        if (gone !== undefined) this.drop(gone);
        continue;
      }
      const parent = this.#byId.get(parentId);
      if (parent === undefined || id === rootId) continue;
      let node = this.#byId.get(id);
      if (node === undefined) {
        node = newNode(id, identity);
        this.#byId.set(id, node);
        this.#next = Math.max(this.#next, id + 1);
      }
      this.#byIdentity.set(identity, node);
      this.place(node, parent, name);
    }
  }
}

function newNode(id: number, identity: string): Node {
  return { id, identity, places: [], children: new Map(), known: undefined, lookups: 0, made: false };
}
