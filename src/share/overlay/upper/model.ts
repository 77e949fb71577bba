import type { Times } from '../../tree/tree.ts';

export type Kind = 'file' | 'folder' | 'link' | 'other';

/** What a file of the host was when the guest first changed it. */
export interface Base {
  /** Type and permissions. */
  mode: number;
  size: number;
  mtimeNs: bigint;
  ctimeNs: bigint;
  /** As the host's tree says it. */
  identity: string;
  /** SHA-256 of the content, or of a link's text; not of big files. */
  digest: string | undefined;
}

/** A file that the guest made or changed, under whatever names. Of one that it made there is no origin. */
export interface Node {
  readonly id: number;
  readonly kind: Kind;
  /** What the guest knows it by. */
  identity: string;
  ino: bigint;
  /** Where it is in the folder of the host; what is not changed is read there. */
  origin: string | undefined;
  /** Of what is at its origin. */
  base: Base | undefined;
  /** Its content is here, in a file named by its id. */
  hasData: boolean;
  /** Permissions; undefined: those of its origin. */
  mode: number | undefined;
  /** Set by the guest, where there is no content here that has them. */
  times: Times | undefined;
  /** Of a link that the guest made, as latin1. */
  text: string | undefined;
  /** When the guest last changed its entries or attributes. */
  changedNs: bigint;
  /** How many names it has. */
  names: number;
  readonly children: Map<string, Node>;
}

export type NodeFields = Omit<Node, 'names' | 'children'>;

/** One step of a change; the steps of a change are written in one line, and take effect together. */
export type Effect =
  | readonly ['node', NodeFields]
  /** A name in a folder; without an id there is none any more. */
  | readonly ['name', parent: number, name: string, id: number | undefined]
  /** What is at this place of the host is gone for the guest, with what it was; or it no longer is. */
  | readonly ['gone', key: string, base: Base | undefined]
  /** The host's file of that identity is one that the guest knows by another. */
  | readonly ['known', identity: string, as: string, ino: bigint]
  /** Entries or attributes of this node changed. */
  | readonly ['changed', id: number]
  /** The next id. */
  | readonly ['next', id: number]
  /** The changes of this name are on the host. */
  | readonly ['applied', name: string];

/** Of the folder that is shared. */
export const rootId = 1;

/**
 * What a guest made of a folder of the host. Names and attributes are here, contents beside it, each in a file of its own whose name
 * the guest can't choose. A folder that the guest moved refers to where it is on the host, as all that is in it does.
 */
export class Model {
  readonly nodes = new Map<number, Node>();
  /** Places of the host that do not show as they are: a node is from there, or it is gone. */
  readonly claims = new Map<string, Node | Base>();
  readonly known = new Map<string, { identity: string; ino: bigint }>();
  readonly #byIdentity = new Map<string, Node>();
  next: number;
  /** What was brought to the host last. */
  applied: string | undefined;

  constructor(next: number) {
    this.next = next;
    this.#put(rootFields);
    this.root.names = 1;
  }

  get root(): Node {
    return this.nodes.get(rootId) as Node;
  }

  /** The node that is a file of the host with this identity. */
  of(identity: string): Node | undefined {
    return this.#byIdentity.get(identity);
  }

  /** Whether the guest sees the host's folder as it is. */
  isEmpty(): boolean {
    return this.nodes.size === 1 && this.claims.size === 1 && this.root.mode === undefined;
  }

  /** @param now in nanoseconds since 1970 @returns nodes that have no name any more */
  take(effects: readonly Effect[], now: bigint): Node[] {
    const freed: Node[] = [];
    for (const effect of effects) {
      switch (effect[0]) {
        case 'node':
          this.#put(effect[1]);
          break;
        case 'name':
          this.#name(effect, freed);
          break;
        case 'gone':
          if (effect[2] !== undefined) this.claims.set(effect[1], effect[2]);
          else if (!isNode(this.claims.get(effect[1]))) this.claims.delete(effect[1]);
          break;
        case 'known':
          this.known.set(effect[1], { identity: effect[2], ino: effect[3] });
          break;
        case 'changed':
          this.#need(effect[1]).changedNs = now;
          break;
        case 'next':
          this.next = Math.max(this.next, effect[1]);
          break;
        case 'applied':
          this.applied = effect[1];
      }
    }
    return freed;
  }

  /** All of it, as effects on an empty one. */
  *effects(): Generator<Effect> {
    yield ['next', this.next];
    if (this.applied !== undefined) yield ['applied', this.applied];
    for (const node of this.nodes.values()) yield ['node', fieldsOf(node)];
    for (const node of this.nodes.values())
      for (const [name, child] of node.children) yield ['name', node.id, name, child.id];
    for (const [key, claim] of this.claims) if (!isNode(claim)) yield ['gone', key, claim];
    for (const [identity, { identity: as, ino }] of this.known) yield ['known', identity, as, ino];
  }

  #put(fields: NodeFields): void {
    const before = this.nodes.get(fields.id);
    const node = before ?? { ...blank, ...fields, names: 0, children: new Map() };
    if (before !== undefined) {
      this.#release(before);
      Object.assign(before, blank, fields);
    }
    this.nodes.set(node.id, node);
    this.next = Math.max(this.next, node.id + 1);
    if (node.origin === undefined) return;
    this.claims.set(node.origin, node);
    this.#byIdentity.set(node.identity, node);
  }

  #name([, parentId, name, id]: Extract<Effect, readonly ['name', ...unknown[]]>, freed: Node[]): void {
    const parent = this.#need(parentId);
    const before = parent.children.get(name);
    if (id === undefined) parent.children.delete(name);
    else {
      const node = this.#need(id);
      node.names++;
      parent.children.set(name, node);
    }
    if (before !== undefined) this.#unname(before, freed);
  }

  #unname(node: Node, freed: Node[]): void {
    if (--node.names > 0) return;
    this.#release(node);
    this.nodes.delete(node.id);
    freed.push(node);
    for (const child of node.children.values()) this.#unname(child, freed);
  }

  #release(node: Node): void {
    if (node.origin !== undefined && this.claims.get(node.origin) === node) this.claims.delete(node.origin);
    if (this.#byIdentity.get(node.identity) === node) this.#byIdentity.delete(node.identity);
  }

  #need(id: number): Node {
    const node = this.nodes.get(id);
    if (node === undefined) throw new Error(`no node ${id}`);
    return node;
  }
}

export const isNode = (claim: Node | Base | undefined): claim is Node => claim !== undefined && 'id' in claim;

export const fieldsOf = ({ names: _, children: __, ...fields }: Node): NodeFields => fields;

/** What fields are where a line does not have them. */
const blank = { origin: undefined, base: undefined, mode: undefined, times: undefined, text: undefined };

const rootFields: NodeFields = {
  ...blank,
  id: rootId,
  kind: 'folder',
  identity: '',
  ino: 0n,
  origin: '',
  hasData: false,
  changedNs: 0n,
};
