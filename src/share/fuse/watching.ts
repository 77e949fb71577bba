import { constants } from 'node:fs';
import { systemCode } from '../../errors/mvm-error.ts';
import type { Attributes, Tree } from '../tree/tree.ts';
import { Events, type Teller } from './events.ts';
import { notices, replyHeader } from './layout.ts';
import { type Validity, writeNotice, writeNumber } from './message.ts';
import type { Node, Nodes } from './nodes.ts';

/** How long the guest's kernel believes what it was told, in seconds: where changes are told, and where they are not. */
const [watchedSeconds, unwatchedSeconds] = [86_400, 1];
/** Changes are told together, so many milliseconds after the first of them that follows others. */
const togetherMs = 15;
/** So many names that have changed are looked at at once; the host's other work gets its turn in between. */
const atOnce = 500;
/** Folders that are watched at once. */
const mostWatches = 65_536;

/**
 * Keeps what the guest's kernel believes true: watches each folder that the guest looked into, and tells of what others change
 * there. What the guest itself changed is known, and not told.
 */
export class Watching {
  readonly events: Events;
  readonly #tree: Tree;
  readonly #nodes: Nodes;
  readonly #teller: Teller;
  /** Names that have changed, by their folder; undefined among them: nobody knows which. */
  #changed = new Map<Node, Set<string | undefined>>();
  #timer: NodeJS.Timeout | undefined;
  #lastTold = 0;
  #watches = 0;
  #isClosed = false;

  constructor(tree: Tree, nodes: Nodes, teller: Teller) {
    this.#tree = tree;
    this.#nodes = nodes;
    this.#teller = teller;
    this.events = new Events(teller, nodes);
  }

  /** How long the guest may believe what it is told of a folder's entries; watches it from now on. */
  validity(folder: Node): Validity {
    const seconds = this.#watch(folder) ? watchedSeconds : unwatchedSeconds;
    return { entry: seconds, attributes: seconds };
  }

  /** The same of a file, which is an entry of a folder. */
  validityOf(node: Node): Validity {
    const folder = node.places.length === 1 ? node.places[0]?.parent : undefined;
    // One with several names is changed by any of them.
    const seconds = folder?.watch !== undefined ? watchedSeconds : unwatchedSeconds;
    return { entry: seconds, attributes: seconds };
  }

  /** Another file has this name than the one that the guest knows there. */
  replaced(folder: Node, name: string): void {
    this.#invalidateEntry(folder, name);
  }

  /** Other means than the file system's events tell that something has changed: looks at all that the guest knows. */
  changedBelow(folder: Node = this.#nodes.root): void {
    this.#note(folder, undefined);
    for (const child of folder.children.values())
      if (child.children.size > 0 || child.listing !== undefined) this.changedBelow(child);
  }

  stop(node: Node): void {
    if (node.watch === undefined) return;
    node.watch.close();
    delete node.watch;
    this.#watches--;
    this.#changed.delete(node);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #watch(folder: Node): boolean {
    if (folder.watch !== undefined) return true;
    const path = this.#nodes.path(folder);
    if (path === undefined || this.#watches >= mostWatches) return false;
    try {
      const watch = this.#tree.watch(path, (name) => this.#note(folder, name));
      if (watch === undefined) return false;
      folder.watch = watch;
      this.#watches++;
      return true;
    } catch (error) {
      // It is gone, or is no folder: whatever is asked of it says so.
      if (systemCode(error) !== undefined) return false;
      throw error;
    }
  }

  #note(folder: Node, name: string | undefined): void {
    const names = this.#changed.get(folder);
    if (names === undefined) this.#changed.set(folder, new Set([name]));
    else names.add(name);
    if (this.#timer !== undefined || this.#isClosed) return;
    const isFirst = performance.now() - this.#lastTold > 2 * togetherMs;
    this.#timer = setTimeout(() => this.#tell(), isFirst ? 1 : togetherMs);
  }

  #tell(): void {
    this.#timer = undefined;
    this.#lastTold = performance.now();
    let left = atOnce;
    for (const [folder, names] of this.#changed) {
      this.#changed.delete(folder);
      if (names.delete(undefined)) for (const name of folder.children.keys()) names.add(name);
      let isChanged = false;
      for (const name of names) {
        if (name === undefined) continue;
        isChanged = this.#look(folder, name) || isChanged;
        left--;
      }
      if (isChanged) this.#invalidate(folder, false);
      if (left <= 0) break;
    }
    if (this.#changed.size > 0) this.#timer = setTimeout(() => this.#tell(), 1);
  }

  /** Tells what became of one name. @returns whether the folder's list of names may be another one */
  #look(folder: Node, name: string): boolean {
    const known = folder.children.get(name);
    const now = this.#statOf(folder, name);
    if (known === undefined) {
      if (now === undefined) return false;
      this.#invalidateEntry(folder, name);
      this.events.add('create', folder, name, now);
      return true;
    }
    if (now === undefined || now.identity !== known.identity) {
      const before = known.known;
      this.#nodes.unplace(folder, name);
      this.#invalidateEntry(folder, name);
      if (before !== undefined) this.events.add('delete', folder, name, before);
      if (now !== undefined) this.events.add('create', folder, name, now);
      return true;
    }
    const before = known.known;
    known.known = now;
    const isFolder = (now.mode & constants.S_IFMT) === constants.S_IFDIR;
    if (before?.mode === now.mode && (isFolder || isSameContent(before, now))) return false;
    const isContent = !isFolder && !isSameContent(before, now);
    this.#invalidate(known, !isContent);
    this.events.add(isContent ? 'modify' : 'attributes', folder, name, now);
    return false;
  }

  #statOf(folder: Node, name: string): Attributes | undefined {
    const path = this.#nodes.path(folder);
    if (path === undefined) return undefined;
    try {
      return this.#tree.stat([...path, name]);
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      return undefined;
    }
  }

  /** Drops what the kernel knows of a file, and what it has of its content. */
  #invalidate(node: Node, onlyAttributes: boolean): void {
    const bytes = Buffer.alloc(replyHeader + 24);
    writeNotice(bytes, notices.invalidateInode);
    writeNumber(bytes, node.id, replyHeader);
    bytes.writeBigInt64LE(onlyAttributes ? -1n : 0n, replyHeader + 8);
    this.#teller.notice(bytes);
  }

  /** Also that there is no such name. */
  #invalidateEntry(folder: Node, name: string): void {
    const bytes = Buffer.alloc(replyHeader + 16 + name.length + 1);
    writeNotice(bytes, notices.invalidateEntry);
    writeNumber(bytes, folder.id, replyHeader);
    bytes.writeUInt32LE(name.length, replyHeader + 8);
    bytes.write(name, replyHeader + 16, 'latin1');
    this.#teller.notice(bytes);
  }
}

const isSameContent = (before: Attributes | undefined, now: Attributes): boolean =>
  before?.mtimeNs === now.mtimeNs && before.size === now.size;
