import { closeSync } from 'node:fs';
import { systemCode } from '../../errors/mvm-error.ts';
import { systemError } from '../tree/system-error.ts';
import type { Tree } from '../tree/tree.ts';
import type { Node, Nodes } from './nodes.ts';

/** So many files are kept open that have a name, and so many that have none any more. */
const [mostOpen, mostHeld] = [256, 1024];

interface Open {
  fd: number;
  writes: boolean;
}

/**
 * The descriptors behind reads and writes. A guest's kernel does not say that it opens a file (FUSE_NO_OPEN_SUPPORT saves
 * the round trip): a file is opened when it is read or written, and kept while it is used. One that loses its last name is held
 * until the kernel forgets it, since it may be open there.
 */
export class OpenFiles {
  readonly #tree: Tree;
  readonly #nodes: Nodes;
  readonly #open = new Map<Node, Open>();
  readonly #held = new Map<Node, Open>();

  constructor(tree: Tree, nodes: Nodes) {
    this.#tree = tree;
    this.#nodes = nodes;
  }

  /** A descriptor, for this call only. Throws the system's errors, and ESTALE for a file that is gone. */
  get(node: Node, access: 'read' | 'write'): number {
    const found = this.#held.get(node) ?? this.#open.get(node);
    if (found !== undefined && (found.writes || access === 'read')) {
      if (this.#open.delete(node)) this.#open.set(node, found);
      return found.fd;
    }
    const path = this.#nodes.path(node);
    if (path === undefined) throw systemError(found === undefined ? 'ESTALE' : 'EACCES', 'open');
    const fd = this.#openNow(node, path, access);
    this.#close(this.#open, node);
    this.keep(node, fd, access === 'write');
    return fd;
  }

  keep(node: Node, fd: number, writes: boolean): void {
    this.#open.set(node, { fd, writes });
    this.#limit(this.#open, mostOpen);
  }

  /** It is about to lose its last name. */
  hold(node: Node): void {
    try {
      // One that is only read is not opened for more: a tree may have to copy it for that.
      if (!this.#open.has(node)) this.get(node, node.made && this.#mayWrite(node) ? 'write' : 'read');
    } catch {
      return; // Nobody here can read it, so nobody there has it open.
    }
    const found = this.#open.get(node);
    if (found === undefined) return;
    this.#open.delete(node);
    this.#held.set(node, found);
    this.#limit(this.#held, mostHeld);
  }

  release(node: Node): void {
    this.#close(this.#open, node);
    this.#close(this.#held, node);
  }

  /** What a path leads to may be another file now, or one that may not be written. */
  releaseNamed(): void {
    for (const node of [...this.#open.keys()]) this.#close(this.#open, node);
  }

  close(): void {
    this.releaseNamed();
    for (const node of [...this.#held.keys()]) this.#close(this.#held, node);
  }

  /** A file that the guest made without the permission to write it was open for that when it was made. */
  #openNow(node: Node, path: readonly string[], access: 'read' | 'write'): number {
    try {
      return this.#tree.open(path, access);
    } catch (error) {
      if (access === 'read' || !node.made || systemCode(error) !== 'EACCES') throw error;
      const { mode } = this.#tree.stat(path);
      this.#tree.setMode(path, mode | 0o200);
      try {
        return this.#tree.open(path, access);
      } finally {
        this.#tree.setMode(path, mode);
      }
    }
  }

  #mayWrite(node: Node): boolean {
    const path = this.#nodes.path(node);
    return path !== undefined && this.#tree.mayWrite?.(path) !== false;
  }

  #limit(files: Map<Node, Open>, most: number): void {
    if (files.size <= most) return;
    const [oldest] = files.keys();
    if (oldest !== undefined) this.#close(files, oldest);
  }

  #close(files: Map<Node, Open>, node: Node): void {
    const found = files.get(node);
    if (found === undefined) return;
    files.delete(node);
    closeSync(found.fd);
  }
}
