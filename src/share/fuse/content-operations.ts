import { fstatSync, fsyncSync, ftruncateSync, readSync, writeSync } from 'node:fs';
import { nowNs } from '../tree/now.ts';
import { systemError } from '../tree/system-error.ts';
import { type Attributes, settable } from '../tree/tree.ts';
import { type Context, nodeOf, pathOf, refuseIfReadOnly, requireLength, statOf } from './context.ts';
import { attributesSize, maxContent, replyHeader, setFlags } from './layout.ts';
import { number, type Request, reply, writeAttributes, writeNumber, writeReplyHeader } from './message.ts';
import type { Node } from './nodes.ts';

/** Operations on a file and its content. Each gives its reply, and throws the system's errors. */

export function getattr(context: Context, request: Request): Buffer {
  const node = nodeOf(context, request.nodeId);
  return attributesReply(context, request, node, attributesOf(context, node));
}

/** Also of a file that has no name any more, as far as it is open here. */
function attributesOf(context: Context, node: Node): Attributes {
  if (node === context.nodes.root || node.places.length > 0) return statOf(context, node);
  const found = fstatSync(context.files.get(node, 'read'), { bigint: true });
  node.known = {
    identity: node.identity,
    ino: node.known?.ino ?? found.ino,
    mode: Number(found.mode),
    size: Number(found.size),
    nlink: 0,
    blocks: Number(found.blocks),
    rdev: 0,
    atimeNs: found.atimeNs,
    mtimeNs: found.mtimeNs,
    ctimeNs: found.ctimeNs,
  };
  return node.known;
}

export function attributesReply(context: Context, request: Request, node: Node, found: Attributes): Buffer {
  const bytes = reply(request.unique, 16 + attributesSize);
  writeNumber(bytes, context.watching.validityOf(node).attributes, replyHeader);
  writeAttributes(bytes, replyHeader + 16, found, context.owner);
  return bytes;
}

export function setattr(context: Context, request: Request): Buffer {
  refuseIfReadOnly(context);
  const { body } = request;
  requireLength(body, 88);
  const node = nodeOf(context, request.nodeId);
  const valid = body.readUInt32LE(0);
  // Owners are not set: everything belongs to the user of the host.
  if (valid & setFlags.size) ftruncateSync(context.files.get(node, 'write'), number(body, 16));
  if (valid & setFlags.mode) context.tree.setMode(pathOf(context, node), body.readUInt32LE(68) & settable);
  if (valid & setFlags.mtime) {
    const mtimeNs = valid & setFlags.mtimeNow ? nowNs() : timeAt(body, 40, 60);
    const atimeNs = valid & setFlags.atime ? timeAt(body, 32, 56) : mtimeNs;
    context.tree.setTimes(pathOf(context, node), { atimeNs, mtimeNs });
  }
  return attributesReply(context, request, node, attributesOf(context, node));
}

const timeAt = (body: Buffer, seconds: number, ns: number): bigint =>
  body.readBigInt64LE(seconds) * 1_000_000_000n + BigInt(body.readUInt32LE(ns));

export function readlink(context: Context, request: Request): Buffer {
  const text = context.tree.readLink(pathOf(context, nodeOf(context, request.nodeId)));
  const bytes = reply(request.unique, text.length);
  text.copy(bytes, replyHeader);
  return bytes;
}

export function read(context: Context, request: Request): Buffer {
  requireLength(request.body, 24);
  const node = nodeOf(context, request.nodeId);
  const size = Math.min(request.body.readUInt32LE(16), maxContent);
  const bytes = Buffer.allocUnsafe(replyHeader + size);
  const fd = context.files.get(node, 'read');
  let got = 0;
  for (let at = number(request.body, 8); got < size; ) {
    const n = readSync(fd, bytes, replyHeader + got, size - got, at + got);
    if (n === 0) break;
    got += n;
  }
  const whole = got === size ? bytes : bytes.subarray(0, replyHeader + got);
  writeReplyHeader(whole, request.unique, 0);
  return whole;
}

/** O_APPEND of Linux, in the flags of the file that is written. */
const append = 0o2000;

export function write(context: Context, request: Request): Buffer {
  refuseIfReadOnly(context);
  const { body } = request;
  requireLength(body, 40);
  const node = nodeOf(context, request.nodeId);
  const fd = context.files.get(node, 'write');
  const size = body.readUInt32LE(16);
  if (body.length < 40 + size) throw systemError('EINVAL', 'write');
  // The guest's kernel may not know how long the file is by now.
  const start = body.readUInt32LE(32) & append ? fstatSync(fd).size : number(body, 8);
  let put = 0;
  try {
    while (put < size) put += writeSync(fd, body, 40 + put, size - put, start + put);
  } catch (error) {
    if (put === 0) throw error; // What comes next fails, and says why.
  }
  noteOwn(node, fd);
  const bytes = reply(request.unique, 8);
  bytes.writeUInt32LE(put, replyHeader);
  return bytes;
}

/** What the guest did itself is nothing that it has to be told of. */
function noteOwn(node: Node, fd: number): void {
  if (node.known === undefined) return;
  const { size, mtimeNs } = fstatSync(fd, { bigint: true });
  node.known = { ...node.known, size: Number(size), mtimeNs };
}

export function fsync(context: Context, request: Request): Buffer {
  fsyncSync(context.files.get(nodeOf(context, request.nodeId), 'read'));
  context.tree.sync?.();
  return reply(request.unique, 0);
}

/** Only what makes a file longer: nothing here gives blocks to a file that has none. */
export function fallocate(context: Context, request: Request): Buffer {
  refuseIfReadOnly(context);
  requireLength(request.body, 32);
  if (request.body.readUInt32LE(24) !== 0) throw systemError('EOPNOTSUPP', 'fallocate');
  const fd = context.files.get(nodeOf(context, request.nodeId), 'write');
  const end = number(request.body, 8) + number(request.body, 16);
  if (fstatSync(fd).size < end) ftruncateSync(fd, end);
  return reply(request.unique, 0);
}

export function statfs(context: Context, request: Request): Buffer {
  const { blockSize, blocks, free, available, files, freeFiles } = context.tree.space();
  const bytes = reply(request.unique, 80);
  for (const [index, value] of [blocks, free, available, files, freeFiles].entries())
    writeNumber(bytes, value, replyHeader + 8 * index);
  bytes.writeUInt32LE(blockSize, replyHeader + 40);
  bytes.writeUInt32LE(255, replyHeader + 44);
  bytes.writeUInt32LE(blockSize, replyHeader + 48);
  return bytes;
}
