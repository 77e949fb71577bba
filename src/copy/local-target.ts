import { linkSync, lutimesSync, mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { TreeDecoder, type TreeHandler } from './decode.ts';
import { treeRefused, unwritable, wrongTarget } from './failure.ts';
import { LocalFile } from './local-file.ts';
import { existing, type Folder, finishFolder, made, reopened, see, shown } from './local-folder.ts';
import { findLocalPlace, type LocalPlace, notReplaced } from './local-place.ts';
import { OpenFolder } from './open-folder.ts';
import { type Meta, timeOf, withoutMeta } from './records.ts';
import type { Target } from './source.ts';
import { createTemporaries, removeTree, type Temporaries } from './temporary.ts';

interface Entry {
  folder: Folder;
  name: Buffer;
}

/**
 * Writes a tree on this host: only in folders that it made or that were there as such, following no link, so that a guest
 * that sends the tree reaches nothing else. Nothing has its own name before it is complete. Throws FILE_UNUSABLE,
 * STATE_WRITE, TREE_REFUSED.
 * @param name what the tree is called in the folder at `path`; empty: it is called `path`
 */
export function openLocalTarget(path: string, slash: boolean, name: string): Target {
  const place = findLocalPlace(path, slash);
  const temporaries = createTemporaries();
  temporaries.tidy(place.base);
  const writer = new LocalWriter(place, name, temporaries);
  const decoder = new TreeDecoder(writer);
  return {
    async take(piece) {
      decoder.push(piece);
    },
    async finish() {
      if (!decoder.isDone) throw treeRefused(path, 'the tree has no end');
    },
    close: async () => writer.close(),
  };
}

class LocalWriter implements TreeHandler {
  readonly #place: LocalPlace;
  readonly #name: string;
  readonly #temporaries: Temporaries;
  readonly #stack: Folder[] = [];
  readonly #links = new Map<number, Entry>();
  #file: LocalFile | undefined;
  /** The last folder on the stack holds the tree, and is not of it. */
  #within = false;

  constructor(place: LocalPlace, name: string, temporaries: Temporaries) {
    this.#place = place;
    this.#name = name;
    this.#temporaries = temporaries;
  }

  folder(meta: Meta, given: Buffer): void {
    const { folder, name } = this.#at(given, true);
    if (name === undefined) return;
    const path = shown(folder, name);
    const there = folder.made ? undefined : existing(folder, name, path);
    if (there === undefined) {
      this.#make(folder, name, meta);
      return;
    }
    if (there.isSymbolicLink())
      throw treeRefused(path, 'a symbolic link is there, through which the tree would leave its target');
    if (!there.isDirectory()) throw wrongTarget(path, 'it is not a folder');
    see(folder, name, path);
    this.#enter(folder, name, name, { made: false, meta, becomes: undefined });
    this.#temporaries.tidy((this.#stack.at(-1) as Folder).open);
  }

  file(meta: Meta, _size: number, link: number, given: Buffer): void {
    const isTop = this.#stack.length === 0;
    const { folder, name = given } = this.#at(given, false);
    const path = shown(folder, name);
    const mode = folder.made ? undefined : this.#replaced(folder, name, path);
    const at = this.#reserve(folder, name, path);
    const becomes = folder.made ? undefined : folder.open.at(name);
    const kept = meta.mode === undefined ? mode : undefined;
    const isAlone = isTop && !folder.made;
    this.#file = new LocalFile(folder.open.at(at), becomes, path, meta, { mode: kept, isAlone });
    if (link !== 0) this.#links.set(link, { folder, name });
  }

  data(bytes: Buffer): void {
    this.#file?.write(bytes);
  }

  hole(length: number): void {
    this.#file?.skip(length);
  }

  end(): void {
    const file = this.#file;
    this.#file = undefined;
    if (file === undefined) this.#leave();
    else file.finish();
  }

  symlink(meta: Meta, given: Buffer, target: Buffer): void {
    this.#another(given, (path) => {
      symlinkSync(target, path);
      const time = timeOf(meta);
      if (time !== undefined) lutimesSync(path, time, time);
    });
  }

  link(link: number, given: Buffer): void {
    const first = this.#links.get(link);
    this.#another(given, (path) => {
      if (first === undefined)
        throw treeRefused(path.toString(), 'it is another name of a file that did not come');
      const { open, end } = reopened(first.folder);
      try {
        linkSync(open.at(first.name), path);
      } finally {
        end();
      }
    });
  }

  skipped(): void {}

  done(): void {
    if (this.#within) this.#leave();
    this.#within = false;
  }

  close(): void {
    this.#file?.abandon();
    this.#file = undefined;
    for (const { open, parent, name, becomes } of this.#stack.splice(0).reverse()) {
      open.close();
      if (becomes !== undefined && parent !== undefined) removeTree(parent.open.at(name));
    }
    this.#place.base.close();
  }

  /** The folder that an entry comes into, and its name there; none where the entry is the folder that is there. */
  #at(name: Buffer, isFolder: boolean): { folder: Folder; name: Buffer | undefined } {
    const top = this.#stack.at(-1);
    if (top !== undefined) return { folder: top, name };
    const { kind, slash, base, basePath, path, leaf } = this.#place;
    const isNamed = this.#name !== '';
    const own = Buffer.from(leaf);
    const root: Folder = {
      open: base,
      parent: undefined,
      name: own,
      path: basePath,
      made: false,
      meta: withoutMeta,
      becomes: undefined,
      seen: new Set(),
    };
    this.#stack.push(root);
    if (kind === 'folder') {
      if (isNamed) return { folder: root, name: Buffer.from(this.#name) };
      if (isFolder) return { folder: root, name: undefined };
      throw wrongTarget(path, 'it is a folder');
    }
    if (kind === 'file' && (isFolder || slash)) throw wrongTarget(path, 'it is not a folder');
    if (kind === 'nothing' && slash && !isNamed && !isFolder) throw wrongTarget(path, 'it would be a folder');
    if (kind === 'nothing' && isNamed && (isFolder || slash)) {
      this.#make(root, own, withoutMeta);
      this.#within = true;
      return { folder: this.#stack.at(-1) ?? root, name: Buffer.from(this.#name) };
    }
    return { folder: root, name: own };
  }

  /** The name under which to make an entry. */
  #reserve(folder: Folder, name: Buffer, path: string): Buffer {
    if (folder.made) return name;
    see(folder, name, path);
    return this.#temporaries.name();
  }

  #make(folder: Folder, name: Buffer, meta: Meta): void {
    const path = shown(folder, name);
    const at = this.#reserve(folder, name, path);
    made(path, () => mkdirSync(folder.open.at(at), 0o700));
    this.#enter(folder, at, name, { made: true, meta, becomes: folder.made ? undefined : name });
  }

  #enter(parent: Folder, name: Buffer, final: Buffer, more: Pick<Folder, 'made' | 'meta' | 'becomes'>): void {
    const path = shown(parent, final);
    const open = made(path, () => new OpenFolder(parent.open.at(name)));
    this.#stack.push({ open, parent, name, path, seen: new Set(), ...more });
  }

  #leave(): void {
    const folder = this.#stack.pop();
    if (folder?.parent === undefined) return;
    folder.open.close();
    if (!folder.made) return;
    const { parent, name, meta, becomes, path } = folder;
    try {
      finishFolder(parent.open.at(name), meta);
      if (becomes === undefined) return;
      renameSync(parent.open.at(name), parent.open.at(becomes));
    } catch (error) {
      removeTree(parent.open.at(name));
      throw unwritable(path, error);
    }
    folder.name = becomes;
    folder.becomes = undefined;
  }

  /** An entry that is complete at once. */
  #another(given: Buffer, make: (path: Buffer) => void): void {
    const { folder, name = given } = this.#at(given, false);
    const path = shown(folder, name);
    if (!folder.made) this.#replaced(folder, name, path);
    const at = folder.open.at(this.#reserve(folder, name, path));
    try {
      made(path, () => make(at));
      if (!folder.made) made(path, () => renameSync(at, folder.open.at(name)));
    } catch (error) {
      if (!folder.made) removeTree(at);
      throw error;
    }
  }

  /** The mode of the file that is going to be replaced, where there is one. */
  #replaced(folder: Folder, name: Buffer, path: string): number | undefined {
    const there = existing(folder, name, path);
    if (there === undefined || there.isSymbolicLink()) return undefined;
    if (there.isDirectory()) throw wrongTarget(path, 'it is a folder');
    if (!there.isFile()) throw wrongTarget(path, notReplaced(there));
    return there.mode;
  }
}
