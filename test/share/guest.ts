import { closeSync, ftruncateSync, readSync, writeSync } from 'node:fs';
import type { Names, Tree } from '../../src/share/tree/tree.ts';

export const namesOf = (path: string): Names =>
  Buffer.from(path)
    .toString('latin1')
    .split('/')
    .filter((name) => name !== '');

/** What programs in a guest do to a tree, with paths as UTF-8 text. */
export class Guest {
  readonly tree: Tree;

  constructor(tree: Tree) {
    this.tree = tree;
  }

  /** As `>`: creates the file, or cuts it off and writes it. */
  write(path: string, text: string, mode = 0o755): void {
    const fd = this.#openOrCreate(path, mode);
    try {
      ftruncateSync(fd, 0);
      writeSync(fd, text, 0);
    } finally {
      closeSync(fd);
    }
  }

  /** As `write`, by renaming a new file. */
  replace(path: string, text: string): void {
    this.write(`${path}.lock`, text);
    this.tree.rename(namesOf(`${path}.lock`), namesOf(path), false);
  }

  read(path: string): string {
    const fd = this.tree.open(namesOf(path), 'read');
    try {
      const bytes = Buffer.alloc(1 << 20);
      return bytes.subarray(0, readSync(fd, bytes)).toString();
    } finally {
      closeSync(fd);
    }
  }

  /** As `mkdir -p`. */
  folder(path: string): void {
    const names = namesOf(path);
    for (const [index] of names.entries())
      if (!this.has(names.slice(0, index + 1))) this.tree.makeFolder(names.slice(0, index + 1), 0o755);
  }

  has(path: string | Names): boolean {
    try {
      this.tree.stat(typeof path === 'string' ? namesOf(path) : path);
      return true;
    } catch {
      return false;
    }
  }

  symlink(text: string, path: string): void {
    this.tree.makeLink(namesOf(path), Buffer.from(text));
  }

  link(from: string, to: string): void {
    this.tree.link(namesOf(from), namesOf(to));
  }

  move(from: string, to: string): void {
    this.tree.rename(namesOf(from), namesOf(to), false);
  }

  remove(path: string): void {
    this.tree.remove(namesOf(path));
  }

  #openOrCreate(path: string, mode: number): number {
    return this.has(path) ? this.tree.open(namesOf(path), 'write') : this.tree.create(namesOf(path), mode);
  }
}
