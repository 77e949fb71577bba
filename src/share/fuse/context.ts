import { systemError } from '../tree/system-error.ts';
import type { Attributes, Names, Tree } from '../tree/tree.ts';
import { entrySize, maxName } from './layout.ts';
import { nameOf, type Owner, type Request, reply, textAt, writeEntry } from './message.ts';
import type { Node, Nodes } from './nodes.ts';
import type { OpenFiles } from './open-files.ts';
import type { Watching } from './watching.ts';

/** What the operations of one share work on. */
export interface Context {
  tree: Tree;
  nodes: Nodes;
  files: OpenFiles;
  watching: Watching;
  /** Who everything belongs to in the guest. */
  owner: Owner;
  isReadOnly: boolean;
}

/** Throws ESTALE for a number that the guest has from nowhere, or forgot. */
export function nodeOf({ nodes }: Context, id: number): Node {
  const node = nodes.get(id);
  if (node === undefined) throw systemError('ESTALE', 'node');
  return node;
}

/** Throws ESTALE for a file that has no name any more. */
export function pathOf({ nodes }: Context, node: Node): Names {
  const path = nodes.path(node);
  if (path === undefined) throw systemError('ESTALE', 'path');
  return path;
}

/** The path of a name in a folder. */
export const childOf = (context: Context, folder: Node, name: string): Names => [
  ...pathOf(context, folder),
  name,
];

/** The name at that place of a body. Throws EINVAL for what can't be one, ENAMETOOLONG. */
export function nameAt(body: Buffer, at: number): { name: string; next: number } {
  const found = textAt(body, at);
  const name = found && nameOf(found.text);
  if (found === undefined || name === undefined) throw systemError('EINVAL', 'name');
  if (name.length > maxName) throw systemError('ENAMETOOLONG', 'name');
  return { name, next: found.next };
}

/** Throws EINVAL where a guest's message is shorter than its fields. */
export function requireLength(body: Buffer, length: number): void {
  if (body.length < length) throw systemError('EINVAL', 'message');
}

export function refuseIfReadOnly({ isReadOnly }: Context): void {
  if (isReadOnly) throw systemError('EROFS', 'write');
}

/** Gives the guest a file that was found. */
export function entryReply(context: Context, request: Request, folder: Node, name: string): Buffer {
  const validity = context.watching.validity(folder);
  const found = context.tree.stat(childOf(context, folder, name));
  const node = context.nodes.take(folder, name, found);
  const bytes = reply(request.unique, entrySize);
  writeEntry(bytes, bytes.length - entrySize, node.id, found, validity, context.owner);
  return bytes;
}

/**
 * What a file has now. One whose name leads to another file meanwhile is stale: the kernel looks the name up again, and finds that.
 */
export function statOf(context: Context, node: Node): Attributes {
  const found = context.tree.stat(pathOf(context, node));
  if (found.identity !== node.identity) {
    if (node !== context.nodes.root) throw systemError('ESTALE', 'stat');
    node.identity = found.identity;
  }
  node.known = found;
  return found;
}
