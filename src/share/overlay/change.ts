import { nowNs } from '../tree/now.ts';
import { systemError } from '../tree/system-error.ts';
import type { Names } from '../tree/tree.ts';
import { baseOf, kindOf, lookAt } from './lower.ts';
import { type Base, type Effect, fieldsOf, type Node, type NodeFields } from './upper/model.ts';
import type { Found, Step, View } from './view.ts';

/** A change at one place of the overlay, as the effects that make it. */
export class Change {
  readonly effects: Effect[];
  readonly steps: Step[];
  readonly #view: View;
  readonly #path: Names;
  /** Nodes of this change that are not made yet; shared with changes at other places. */
  readonly #made: Map<string, NodeFields>;

  constructor(view: View, path: Names, steps = view.steps(path), of?: Change) {
    this.#view = view;
    this.#path = path;
    this.steps = steps;
    this.effects = of?.effects ?? [];
    this.#made = of === undefined ? new Map() : of.#made;
  }

  /** A place that is changed together with this one. */
  also(path: Names): Change {
    const steps = this.#view.steps(path);
    this.#view.look(path, steps);
    return new Change(this.#view, path, steps, this);
  }

  id(): number {
    return this.#view.model.next++;
  }

  /** Makes a node with its name here. */
  make(fields: NodeFields): void {
    const parent = this.#folder();
    this.effects.push(['node', fields]);
    this.#enter(parent, fields.id, undefined);
  }

  /** The id of what is here: of the host's, a node is made. */
  node(): number {
    return this.#node(this.#path.length);
  }

  /** Gives a node its name here, in place of what there is. */
  enter(id: number, replaced?: Found): void {
    this.#enter(this.#folder(), id, replaced);
  }

  leave(): void {
    const parent = this.#folder();
    this.effects.push(['name', parent, this.#name(), undefined], ['changed', parent]);
  }

  remove(found: Found): void {
    const parent = this.#folder();
    if (this.#entry() !== undefined) this.effects.push(['name', parent, this.#name(), undefined]);
    this.#drop(found);
    this.effects.push(['changed', parent]);
  }

  set(fields: Partial<NodeFields>): void {
    const id = this.node();
    const at = this.effects.findIndex((effect) => effect[0] === 'node' && effect[1].id === id);
    const before =
      at < 0 ? fieldsOf(this.#view.model.nodes.get(id) as Node) : (this.effects[at]?.[1] as NodeFields);
    const effect: Effect = ['node', { ...before, ...fields, changedNs: nowNs() }];
    if (at < 0) this.effects.push(effect);
    else this.effects[at] = effect;
  }

  /** What the host's file was when the guest first changed it; undefined where that is now. */
  baseOf(id: number): Base | undefined {
    return this.#view.model.nodes.get(id)?.base;
  }

  #name(): string {
    return this.#path.at(-1) ?? '';
  }

  #folder(): number {
    return this.#node(this.#path.length - 1);
  }

  /** The node that has this name now, whether it shows or not. */
  #entry(): Node | undefined {
    return this.steps.at(-2)?.node?.children.get(this.#name());
  }

  #enter(parent: number, id: number, replaced: Found | undefined): void {
    this.effects.push(['name', parent, this.#name(), id]);
    this.#drop(replaced);
    this.effects.push(['changed', parent], ['changed', id]);
  }

  /** What had this name is gone, with what the guest no longer saw in it. */
  #drop(found: Found | undefined): void {
    const node = this.#entry();
    if (node !== undefined) this.#dropNode(node);
    if (found !== undefined && found.node === undefined && found.key !== undefined)
      this.effects.push(['gone', found.key, baseOf(this.#view.lower, found.key, found.attributes)]);
  }

  #dropNode(node: Node): void {
    if (node.names > 1) return;
    for (const child of node.children.values()) this.#dropNode(child);
    if (node.origin !== undefined && node.base !== undefined)
      this.effects.push(['gone', node.origin, node.base]);
  }

  /** The id of the node at so many names of the path. */
  #node(depth: number): number {
    const step = this.steps[depth];
    if (step?.node !== undefined) return step.node.id;
    const { key } = step ?? {};
    const attributes = key === undefined ? undefined : lookAt(this.#view.lower, key);
    if (key === undefined || attributes === undefined) throw systemError('ENOENT', 'change');
    const known = this.#made.get(key);
    if (known !== undefined) return known.id;
    const parent = this.#node(depth - 1);
    const { lower } = this.#view;
    const { identity, ino } = this.#view.shown(attributes, key);
    const fields: NodeFields = {
      ...{ id: this.id(), kind: kindOf(attributes.mode), identity, ino },
      ...{ origin: key, base: baseOf(lower, key, attributes), hasData: false },
      ...{ mode: undefined, times: undefined, text: undefined, changedNs: 0n },
    };
    this.#made.set(key, fields);
    this.effects.push(['node', fields], ['name', parent, this.#path[depth - 1] ?? '', fields.id]);
    return fields.id;
  }
}
