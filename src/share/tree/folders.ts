import { OpenFolder } from '../../copy/open-folder.ts';
import type { Names } from './tree.ts';

/** So many folders are kept open. */
const mostOpen = 512;

/** What is between the names of a path as a key: no name has it. */
const between = '/';

/** The open folders of a tree: each is opened relative to the one above it, and kept while it is used. */
export class Folders {
  readonly #root: OpenFolder;
  /** By their path, the least recently used first. */
  readonly #open = new Map<string, OpenFolder>();

  constructor(root: Buffer) {
    this.#root = new OpenFolder(root, true);
  }

  /** The path of an entry, for calls that do not follow it. */
  at(path: Names): Buffer {
    const name = path.at(-1);
    return name === undefined ? this.#root.at(Buffer.from('.')) : this.folder(path, 1).at(bytesOf(name));
  }

  /** A folder of the tree, without so many of the path's last names. Throws ENOENT, ENOTDIR, ELOOP. */
  folder(path: Names, without = 0): OpenFolder {
    const depth = path.length - without;
    if (depth <= 0) return this.#root;
    const key = depth === path.length ? path.join(between) : path.slice(0, depth).join(between);
    const found = this.#open.get(key);
    if (found !== undefined) {
      this.#open.delete(key);
      this.#open.set(key, found);
      return found;
    }
    const above = this.folder(path, without + 1);
    const opened = new OpenFolder(above.at(bytesOf(path[depth - 1] ?? '')));
    this.#open.set(key, opened);
    if (this.#open.size > mostOpen) {
      const [oldest] = this.#open;
      if (oldest !== undefined) this.#close(oldest[0], oldest[1]);
    }
    return opened;
  }

  /** What has this name now may be another folder: it is opened anew, with all that is below it. */
  forget(path: Names): void {
    if (this.#open.size === 0) return;
    const key = path.join(between);
    for (const [other, folder] of this.#open)
      if (other === key || other.startsWith(key + between) || key === '') this.#close(other, folder);
  }

  close(): void {
    this.forget([]);
    this.#root.close();
  }

  #close(key: string, folder: OpenFolder): void {
    this.#open.delete(key);
    folder.close();
  }
}

export const bytesOf = (name: string): Buffer => Buffer.from(name, 'latin1');
