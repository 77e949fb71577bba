import { closeSync, fdatasyncSync, lutimesSync, statfsSync, unlinkSync } from 'node:fs';
import { systemCode } from '../../errors/mvm-error.ts';
import { type HostTree, secondsOf } from '../tree/host-tree.ts';
import { nowNs } from '../tree/now.ts';
import { systemError } from '../tree/system-error.ts';
import {
  type Attributes,
  type Entry,
  type Names,
  type Space,
  settable,
  type Times,
  type Tree,
} from '../tree/tree.ts';
import { Change } from './change.ts';
import { baseOf, kindOf, lookAt, namesOf } from './lower.ts';
import { copyContent } from './upper/contents.ts';
import type { Node } from './upper/model.ts';
import type { Upper } from './upper/upper.ts';
import { type Found, View } from './view.ts';

/** The lowest number of a file that the guest made. Programs that take numbers as doubles know each from the next. */
const firstIno = 1n << 52n;
/** How often a file is copied anew that the host writes meanwhile. */
const mostTries = 3;

/** The folder of the host as it is, with what the guest changes kept apart from it, in a folder of the VM. */
export class OverlayTree implements Tree {
  readonly #upper: Upper;
  readonly #lower: HostTree;

  readonly #isShared: boolean;

  /** @param options.isShared its end leaves both open */
  constructor(lower: HostTree, upper: Upper, { isShared = false } = {}) {
    this.#lower = lower;
    this.#upper = upper;
    this.#isShared = isShared;
  }

  get #view(): View {
    return new View(this.#lower, this.#upper.model, this.#upper.contents);
  }

  stat(path: Names): Attributes {
    return this.#view.find(path).attributes;
  }

  list(path: Names): Entry[] {
    return this.#view.entries(path);
  }

  readLink(path: Names): Buffer {
    const { node, key, attributes } = this.#view.find(path);
    if (kindOf(attributes.mode) !== 'link') throw systemError('EINVAL', 'readlink');
    if (node?.text !== undefined) return Buffer.from(node.text, 'latin1');
    return this.#lower.readLink(namesOf(key ?? ''));
  }

  /** @param willCut it is about to be cut to nothing: what is in it need not be kept */
  open(path: Names, access: 'read' | 'write', willCut = false): number {
    const view = this.#view;
    const steps = view.steps(path);
    const found = view.find(path, steps);
    if (kindOf(found.attributes.mode) !== 'file') throw systemError('EACCES', 'open');
    if (found.node?.hasData) return this.#upper.contents.open(found.node.id, access);
    if (access === 'read') return this.#lower.open(namesOf(found.key ?? ''), 'read');
    const change = new Change(view, path, steps);
    const id = change.node();
    this.#copyUp(id, change, found, willCut);
    return this.#upper.contents.open(id, 'write');
  }

  create(path: Names, mode: number): number {
    const change = this.#new(path);
    const id = change.id();
    const fd = this.#upper.contents.create(id);
    try {
      change.make({ ...made(id, 'file', mode), hasData: true });
      this.#upper.commit(change.effects);
      return fd;
    } catch (error) {
      closeSync(fd);
      this.#upper.contents.remove(id);
      throw error;
    }
  }

  makeFolder(path: Names, mode: number): void {
    const change = this.#new(path);
    change.make(made(change.id(), 'folder', mode));
    this.#upper.commit(change.effects);
  }

  makeLink(path: Names, text: Buffer): void {
    const change = this.#new(path);
    change.make({ ...made(change.id(), 'link', 0o777), text: text.toString('latin1'), mode: undefined });
    this.#upper.commit(change.effects);
  }

  link(from: Names, to: Names): void {
    const view = this.#view;
    view.folderOf(from, view.steps(from));
    view.folderOf(to, view.steps(to));
    const source = view.find(from);
    const change = this.#new(to);
    if (kindOf(source.attributes.mode) === 'folder') throw systemError('EPERM', 'link');
    change.enter(change.also(from).node());
    this.#upper.commit(change.effects);
  }

  rename(from: Names, to: Names, keep: boolean): void {
    const view = this.#view;
    if (from.length === 0 || to.length === 0) throw systemError('EBUSY', 'rename');
    const change = new Change(view, to);
    view.folderOf(from, view.steps(from));
    view.folderOf(to, change.steps);
    const target = view.look(to, change.steps);
    if (target !== undefined && keep) throw systemError('EEXIST', 'rename');
    const source = view.find(from);
    if (isWithin(to, from) && to.length > from.length) throw systemError('EINVAL', 'rename');
    if (isWithin(from, to) && from.length > to.length) throw systemError('ENOTEMPTY', 'rename');
    if (target !== undefined) {
      if (target.attributes.identity === source.attributes.identity) return;
      const isFolder = kindOf(source.attributes.mode) === 'folder';
      if (kindOf(target.attributes.mode) === 'folder') {
        if (!isFolder) throw systemError('EISDIR', 'rename');
        if (view.entries(to).length > 0) throw systemError('ENOTEMPTY', 'rename');
      } else if (isFolder) throw systemError('ENOTDIR', 'rename');
    }
    const other = change.also(from);
    change.enter(other.node(), target);
    other.leave();
    this.#upper.commit(change.effects);
  }

  remove(path: Names): void {
    this.#remove(path, (found) => {
      if (kindOf(found.attributes.mode) === 'folder') throw systemError('EISDIR', 'unlink');
    });
  }

  removeFolder(path: Names): void {
    this.#remove(path, (found, view) => {
      if (kindOf(found.attributes.mode) !== 'folder') throw systemError('ENOTDIR', 'rmdir');
      if (view.entries(path).length > 0) throw systemError('ENOTEMPTY', 'rmdir');
    });
  }

  setMode(path: Names, mode: number): void {
    const view = this.#view;
    const change = new Change(view, path);
    if (kindOf(view.find(path, change.steps).attributes.mode) === 'link')
      throw systemError('ENOTSUP', 'chmod');
    change.set({ mode: mode & settable });
    this.#upper.commit(change.effects);
  }

  setTimes(path: Names, times: Times): void {
    const view = this.#view;
    const change = new Change(view, path);
    const found = view.find(path, change.steps);
    if (found.node?.hasData) {
      const { atimeNs, mtimeNs } = times;
      lutimesSync(this.#upper.contents.at(found.node.id), secondsOf(atimeNs), secondsOf(mtimeNs));
      return;
    }
    change.set({ times });
    this.#upper.commit(change.effects);
  }

  space(): Space {
    const { bsize, blocks, bfree, bavail, files, ffree } = statfsSync(this.#upper.path);
    return { blockSize: bsize, blocks, free: bfree, available: bavail, files, freeFiles: ffree };
  }

  watch(path: Names, onChange: (name: string | undefined) => void): { close(): void } | undefined {
    const { key } = this.#view.folder(path);
    // What is only the guest's changes by nobody else.
    if (key === undefined || kindOf(lookAt(this.#lower, key)?.mode ?? 0) !== 'folder') return { close() {} };
    return this.#lower.watch(namesOf(key), onChange);
  }

  /** What was changed until now, other than contents, survives a power cut. */
  sync(): void {
    this.#upper.sync();
  }

  close(): void {
    if (this.#isShared) return;
    this.#upper.close();
    this.#lower.close();
  }

  /** A change that makes an entry where there is none. Throws EEXIST. */
  #new(path: Names): Change {
    const view = this.#view;
    if (path.length === 0) throw systemError('EEXIST', 'create');
    const change = new Change(view, path);
    view.folderOf(path, change.steps);
    if (view.look(path, change.steps) !== undefined) throw systemError('EEXIST', 'create');
    return change;
  }

  #remove(path: Names, check: (found: Found, view: View) => void): void {
    const view = this.#view;
    if (path.length === 0) throw systemError('EBUSY', 'remove');
    const change = new Change(view, path);
    const found = view.find(path, change.steps);
    check(found, view);
    change.remove(found);
    this.#upper.commit(change.effects);
  }

  /** Gives a file of the host that is about to be written content of its own. */
  #copyUp(id: number, change: Change, { key = '', attributes }: Found, willCut: boolean): void {
    const { contents } = this.#upper;
    const path = contents.at(id);
    contents.remove(id);
    try {
      let found = lookAt(this.#lower, key) ?? attributes;
      let base = change.baseOf(id) ?? baseOf(this.#lower, key, found);
      if (willCut || found.size === 0) closeSync(contents.create(id));
      else {
        for (let left = mostTries; left > 0; left--) {
          const source = this.#lower.open(namesOf(key), 'read');
          try {
            contents.remove(id);
            copyContent(source, path);
          } finally {
            closeSync(source);
          }
          const after = lookAt(this.#lower, key) ?? found;
          if (after.mtimeNs === found.mtimeNs && after.size === found.size) break;
          found = after;
          base = baseOf(this.#lower, key, found);
        }
        // What the guest never wrote is not lost with the host's power, however soon that comes.
        const fd = contents.open(id, 'write');
        try {
          fdatasyncSync(fd);
        } finally {
          closeSync(fd);
        }
      }
      lutimesSync(path, secondsOf(attributes.atimeNs), secondsOf(attributes.mtimeNs));
      change.set({ hasData: true, mode: attributes.mode & settable, times: undefined, base });
      this.#upper.commit(change.effects);
    } catch (error) {
      try {
        unlinkSync(path);
      } catch (other) {
        if (systemCode(other) !== 'ENOENT') throw other;
      }
      throw error;
    }
  }
}

const isWithin = (path: Names, above: Names): boolean => above.every((name, index) => path[index] === name);

function made(id: number, kind: Node['kind'], mode: number) {
  return {
    ...{
      id,
      kind,
      identity: `overlay:${id}`,
      ino: firstIno + BigInt(id),
      mode: mode & settable & ~process.umask(),
    },
    ...{ origin: undefined, base: undefined, times: undefined, text: undefined, hasData: false },
    changedNs: nowNs(),
  };
}
