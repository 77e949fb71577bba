import { systemError } from '../tree/system-error.ts';
import type { Attributes, Entry, Names, Space, Times, Tree } from '../tree/tree.ts';
import type { Rules } from './rules.ts';

/** A tree whose hidden names are not there, and can't be made (EACCES). */
export class HiddenTree implements Tree {
  readonly #tree: Tree;
  readonly #rules: Pick<Rules, 'isHidden'>;

  constructor(tree: Tree, rules: Pick<Rules, 'isHidden'>) {
    this.#tree = tree;
    this.#rules = rules;
  }

  stat(path: Names): Attributes {
    return this.#tree.stat(this.#seen(path));
  }

  list(path: Names): Entry[] {
    return this.#tree.list(this.#seen(path)).filter(({ name }) => !this.#rules.isHidden([...path, name]));
  }

  readLink(path: Names): Buffer {
    return this.#tree.readLink(this.#seen(path));
  }

  open(path: Names, access: 'read' | 'write'): number {
    return this.#tree.open(this.#seen(path), access);
  }

  create(path: Names, mode: number): number {
    return this.#tree.create(this.#made(path), mode);
  }

  makeFolder(path: Names, mode: number): void {
    this.#tree.makeFolder(this.#made(path), mode);
  }

  makeLink(path: Names, text: Buffer): void {
    this.#tree.makeLink(this.#made(path), text);
  }

  link(from: Names, to: Names): void {
    this.#tree.link(this.#seen(from), this.#made(to));
  }

  rename(from: Names, to: Names, keep: boolean): void {
    this.#tree.rename(this.#seen(from), this.#made(to), keep);
  }

  remove(path: Names): void {
    this.#tree.remove(this.#seen(path));
  }

  removeFolder(path: Names): void {
    this.#tree.removeFolder(this.#seen(path));
  }

  setMode(path: Names, mode: number): void {
    this.#tree.setMode(this.#seen(path), mode);
  }

  setTimes(path: Names, times: Times): void {
    this.#tree.setTimes(this.#seen(path), times);
  }

  sync(): void {
    this.#tree.sync?.();
  }

  space(): Space {
    return this.#tree.space();
  }

  watch(path: Names, onChange: (name: string | undefined) => void): { close(): void } | undefined {
    return this.#tree.watch(this.#seen(path), (name) => {
      if (name === undefined || !this.#rules.isHidden([...path, name])) onChange(name);
    });
  }

  close(): void {
    this.#tree.close();
  }

  #seen(path: Names): Names {
    if (this.#rules.isHidden(path)) throw systemError('ENOENT', 'lookup');
    return path;
  }

  #made(path: Names): Names {
    if (this.#rules.isHidden(path)) throw systemError('EACCES', 'create');
    return path;
  }
}
