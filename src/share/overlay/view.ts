import { closeSync, constants } from 'node:fs';
import type { HostTree } from '../tree/host-tree.ts';
import { systemError } from '../tree/system-error.ts';
import type { Attributes, Entry, Names } from '../tree/tree.ts';
import { attributesOf, keyBelow, kindOf, lookAt, namesOf, permissions, stagingPrefix } from './lower.ts';
import type { Contents } from './upper/contents.ts';
import type { Model, Node } from './upper/model.ts';

/** Where a path leads: to a node, or to a place of the host that shows as it is. */
export interface Step {
  node: Node | undefined;
  /** Of a folder: what of the host shows in it; of another file: where it is. */
  key: string | undefined;
}

export interface Found extends Step {
  attributes: Attributes;
}

const nothing: Step = { node: undefined, key: undefined };
/** Set in the number of a file of the host whose own number is that of another one for the guest. */
const another = 1n << 51n;

/** What a guest sees of a folder of the host with its changes on it. */
export class View {
  readonly lower: HostTree;
  readonly model: Model;
  readonly contents: Contents;

  constructor(lower: HostTree, model: Model, contents: Contents) {
    this.lower = lower;
    this.model = model;
    this.contents = contents;
  }

  /** Each folder on the way, from the root, and what the path leads to; whether that is there is not looked at. */
  steps(path: Names): Step[] {
    let at: Step = { node: this.model.root, key: '' };
    const steps = [at];
    for (const name of path) {
      at = this.#step(at, name);
      steps.push(at);
    }
    return steps;
  }

  #step(from: Step, name: string): Step {
    const child = from.node?.children.get(name);
    if (child !== undefined) return { node: child, key: child.origin };
    return this.#hostStep(from, name);
  }

  #hostStep(from: Step, name: string): Step {
    if (from.key === undefined || (from.key === '' && name.startsWith(stagingPrefix))) return nothing;
    const key = keyBelow(from.key, name);
    return this.model.claims.has(key) ? nothing : { node: undefined, key };
  }

  /** What is there; undefined where nothing is. Throws ENOTDIR. */
  look(path: Names, steps = this.steps(path)): Found | undefined {
    const last = steps.at(-1) ?? nothing;
    const found = this.#attributes(last);
    if (found !== undefined) return { ...last, attributes: found };
    const replaced = last.node && this.#replaced(last.node, steps.at(-2), path.at(-1) ?? '');
    if (replaced !== undefined) {
      steps[steps.length - 1] = replaced;
      return replaced;
    }
    if (path.length > 0) this.folderOf(path, steps);
    return undefined;
  }

  /** As `look`. Throws ENOENT, ENOTDIR. */
  find(path: Names, steps?: Step[]): Found {
    const found = this.look(path, steps);
    if (found === undefined) throw systemError('ENOENT', 'stat');
    return found;
  }

  /** The folder that a path's last name is in. Throws ENOENT, ENOTDIR. */
  folderOf(path: Names, steps: Step[]): Found {
    return this.folder(path.slice(0, -1), steps.slice(0, -1));
  }

  folder(path: Names, steps = this.steps(path)): Found {
    const found = this.find(path, steps);
    if (kindOf(found.attributes.mode) !== 'folder') throw systemError('ENOTDIR', 'stat');
    return found;
  }

  entries(path: Names): Entry[] {
    const { node, key } = this.folder(path);
    const entries: Entry[] = [];
    if (key !== undefined && kindOf(lookAt(this.lower, key)?.mode ?? 0) === 'folder')
      for (const entry of this.lower.list(namesOf(key)))
        if (this.#hostStep({ node, key }, entry.name) !== nothing && !node?.children.has(entry.name))
          entries.push(entry);
    for (const [name, child] of node?.children ?? []) {
      const found = this.#attributes({ node: child, key: child.origin });
      const { mode } = found ?? this.#replaced(child, { node, key }, name)?.attributes ?? {};
      if (mode !== undefined) entries.push({ name, type: mode & constants.S_IFMT });
    }
    return entries;
  }

  /** What the host has now in place of a file of another kind, of which nothing is left for the guest. */
  #replaced(node: Node, folder: Step | undefined, name: string): Found | undefined {
    if (node.origin === undefined || folder?.key === undefined || node.origin !== keyBelow(folder.key, name))
      return undefined;
    const step = { node: undefined, key: node.origin };
    const attributes = this.#attributes(step);
    return attributes && { ...step, attributes };
  }

  isThere(node: Node): boolean {
    return this.#attributes({ node, key: node.origin }) !== undefined;
  }

  #attributes({ node, key }: Step): Attributes | undefined {
    if (node === undefined) {
      const found = key === undefined ? undefined : lookAt(this.lower, key);
      return found && this.shown(found, key);
    }
    if (node.kind === 'folder') return this.#folder(node);
    if (node.hasData) return this.#content(node);
    if (node.text !== undefined) return made(node, constants.S_IFLNK | 0o777, node.text.length);
    const found = node.origin === undefined ? undefined : lookAt(this.lower, node.origin);
    if (found === undefined || kindOf(found.mode) !== node.kind) return undefined;
    const isSame = found.identity === node.base?.identity;
    const isTimed = isSame && node.times !== undefined && found.mtimeNs === node.base?.mtimeNs;
    return {
      ...(isSame ? { ...found, identity: node.identity, ino: node.ino } : this.shown(found, node.origin)),
      ...(node.mode === undefined ? {} : { mode: (found.mode & constants.S_IFMT) | node.mode }),
      ...(isTimed ? node.times : {}),
      ctimeNs: later(found.ctimeNs, node.changedNs),
      nlink: found.nlink - 1 + node.names,
    };
  }

  #content(node: Node): Attributes {
    const fd = this.contents.open(node.id, 'read');
    try {
      const found = attributesOf(fd);
      return {
        ...found,
        identity: node.identity,
        ino: node.ino,
        mode: constants.S_IFREG | (node.mode ?? 0),
        nlink: node.names,
        ctimeNs: later(found.ctimeNs, node.changedNs),
      };
    } finally {
      closeSync(fd);
    }
  }

  /** One that the host no longer has stays as long as something of the guest's is in it. */
  #folder(node: Node): Attributes | undefined {
    const found = node.origin === undefined ? undefined : lookAt(this.lower, node.origin);
    const isThere = kindOf(found?.mode ?? 0) === 'folder';
    if (node === this.model.root && found !== undefined)
      return { ...found, ...(node.mode === undefined ? {} : { mode: constants.S_IFDIR | node.mode }) };
    if (
      !isThere &&
      node.origin !== undefined &&
      ![...node.children.values()].some((one) => this.isThere(one))
    )
      return undefined;
    const known = isThere && found !== undefined ? found : made(node, constants.S_IFDIR | 0o755, 4096);
    const mode = node.mode ?? (isThere ? known.mode : (node.base?.mode ?? known.mode)) & permissions;
    return {
      ...known,
      identity: node.identity,
      ino: node.ino,
      mode: constants.S_IFDIR | mode,
      mtimeNs: later(known.mtimeNs, node.changedNs),
      ctimeNs: later(known.ctimeNs, node.changedNs),
      ...node.times,
    };
  }

  /** Of a file of the host that shows as it is. */
  shown(found: Attributes, key: string | undefined): Attributes {
    const as = this.model.known.get(found.identity);
    const { identity, ino } = as ?? found;
    const other = this.model.of(identity);
    if (other === undefined || other.origin === key) return as ? { ...found, ...as } : found;
    // It is another name of a file that the guest changed under one of its names.
    return { ...found, identity: `${identity}~`, ino: ino | another };
  }
}

const later = (a: bigint, b: bigint): bigint => (a > b ? a : b);

function made(node: Node, mode: number, size: number): Attributes {
  const time = node.changedNs;
  return {
    ...{ identity: node.identity, ino: node.ino, mode, size, blocks: 0, rdev: 0 },
    ...{ nlink: node.kind === 'folder' ? 2 : node.names },
    ...{ atimeNs: time, mtimeNs: time, ctimeNs: time, ...node.times },
  };
}
