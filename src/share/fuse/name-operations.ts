import { closeSync, constants } from 'node:fs';
import { systemError } from '../tree/system-error.ts';
import { type Names, settable } from '../tree/tree.ts';
import {
  type Context,
  childOf,
  entryReply,
  nameAt,
  nodeOf,
  pathOf,
  refuseIfReadOnly,
  requireLength,
} from './context.ts';
import { entrySize } from './layout.ts';
import { number, type Request, reply, textAt, writeNumber } from './message.ts';
import type { Node } from './nodes.ts';

/** Operations on the names in a folder. Each gives its reply, and throws the system's errors. */

export function lookup(context: Context, request: Request): Buffer {
  const folder = nodeOf(context, request.nodeId);
  const { name } = nameAt(request.body, 0);
  // Watched before it is looked at: what changes in between is told.
  const validity = context.watching.validity(folder);
  try {
    return entryReply(context, request, folder, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    // That there is none is believed as long as what there is.
    const bytes = reply(request.unique, entrySize);
    writeNumber(bytes, validity.entry, 32);
    return bytes;
  }
}

export function mknod(context: Context, request: Request): Buffer {
  refuseIfReadOnly(context);
  requireLength(request.body, 16);
  const folder = nodeOf(context, request.nodeId);
  const mode = request.body.readUInt32LE(0);
  const { name } = nameAt(request.body, 16);
  if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw systemError('EPERM', 'mknod');
  const path = childOf(context, folder, name);
  const fd = context.tree.create(path, mode & 0o7777);
  let isKept = false;
  try {
    giveMode(context, path, mode);
    const bytes = entryReply(context, request, folder, name);
    const node = folder.children.get(name);
    if (node !== undefined) {
      node.made = true;
      context.files.keep(node, fd, true);
      isKept = true;
    }
    return bytes;
  } finally {
    if (!isKept) closeSync(fd);
  }
}

export function mkdir(context: Context, request: Request): Buffer {
  refuseIfReadOnly(context);
  requireLength(request.body, 8);
  const folder = nodeOf(context, request.nodeId);
  const mode = request.body.readUInt32LE(0);
  const { name } = nameAt(request.body, 8);
  const path = childOf(context, folder, name);
  context.tree.makeFolder(path, mode & settable);
  giveMode(context, path, mode);
  return entryReply(context, request, folder, name);
}

/** The guest's kernel has applied its own umask; this process has another. */
function giveMode({ tree }: Context, path: Names, mode: number): void {
  const wanted = mode & settable;
  if ((tree.stat(path).mode & settable) !== wanted) tree.setMode(path, wanted);
}

export function symlink(context: Context, request: Request): Buffer {
  refuseIfReadOnly(context);
  const folder = nodeOf(context, request.nodeId);
  const { name, next } = nameAt(request.body, 0);
  const target = textAt(request.body, next)?.text;
  if (target === undefined || target.length === 0) throw systemError('EINVAL', 'symlink');
  context.tree.makeLink(childOf(context, folder, name), Buffer.from(target));
  return entryReply(context, request, folder, name);
}

export function link(context: Context, request: Request): Buffer {
  refuseIfReadOnly(context);
  requireLength(request.body, 8);
  const folder = nodeOf(context, request.nodeId);
  const source = nodeOf(context, number(request.body, 0));
  const { name } = nameAt(request.body, 8);
  context.tree.link(pathOf(context, source), childOf(context, folder, name));
  return entryReply(context, request, folder, name);
}

export function unlink(context: Context, request: Request): Buffer {
  refuseIfReadOnly(context);
  const folder = nodeOf(context, request.nodeId);
  const { name } = nameAt(request.body, 0);
  const path = childOf(context, folder, name);
  holdIfLast(context, folder, name);
  context.tree.remove(path);
  context.nodes.unplace(folder, name);
  return reply(request.unique, 0);
}

export function rmdir(context: Context, request: Request): Buffer {
  refuseIfReadOnly(context);
  const folder = nodeOf(context, request.nodeId);
  const { name } = nameAt(request.body, 0);
  context.tree.removeFolder(childOf(context, folder, name));
  context.nodes.unplace(folder, name);
  return reply(request.unique, 0);
}

export function rename(context: Context, request: Request): Buffer {
  requireLength(request.body, 8);
  return move(context, request, 8, 0);
}

export function rename2(context: Context, request: Request): Buffer {
  requireLength(request.body, 16);
  return move(context, request, 16, request.body.readUInt32LE(8));
}

/** RENAME_NOREPLACE of renameat2(2). */
const keepTarget = 1;

function move(context: Context, request: Request, namesAt: number, flags: number): Buffer {
  refuseIfReadOnly(context);
  if ((flags & ~keepTarget) !== 0) throw systemError('EINVAL', 'rename');
  const [from, to] = [nodeOf(context, request.nodeId), nodeOf(context, number(request.body, 0))];
  const source = nameAt(request.body, namesAt);
  const target = nameAt(request.body, source.next);
  const [fromPath, toPath] = [childOf(context, from, source.name), childOf(context, to, target.name)];
  const moved = from.children.get(source.name);
  if (to.children.get(target.name) !== moved) holdIfLast(context, to, target.name);
  context.tree.rename(fromPath, toPath, flags === keepTarget);
  // Whoever renames decides what may be written under the new name: nothing that was opened under the old one is kept.
  context.files.releaseNamed();
  context.nodes.unplace(to, target.name);
  context.nodes.unplace(from, source.name);
  // A tree may put another file in place of what was renamed; the kernel then finds that.
  if (moved !== undefined) {
    const found = context.tree.stat(toPath);
    if (found.identity === moved.identity) {
      context.nodes.placeAgain(moved, to, target.name);
      moved.known = found;
    } else context.watching.replaced(to, target.name);
  }
  return reply(request.unique, 0);
}

/** A file that loses its last name may be open in the guest. */
function holdIfLast(context: Context, folder: Node, name: string): void {
  const node = folder.children.get(name);
  if (node === undefined || node.places.length > 1) return;
  if (((node.known?.mode ?? 0) & constants.S_IFMT) !== constants.S_IFREG) return;
  context.files.hold(node);
}
