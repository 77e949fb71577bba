import { constants } from 'node:fs';
import { systemCode } from '../../errors/mvm-error.ts';
import type { Attributes, Entry } from '../tree/tree.ts';
import { type Context, childOf, nodeOf, pathOf, requireLength } from './context.ts';
import { entrySize, maxContent, replyHeader } from './layout.ts';
import { Listing } from './listing.ts';
import { number, type Request, writeEntry, writeNumber, writeReplyHeader } from './message.ts';
import type { Node } from './nodes.ts';

const recordSize = 24;
const aligned = (length: number): number => Math.ceil(length / 8) * 8;

/** READDIR, and with `plus` READDIRPLUS, whose entries come with what a lookup of each would give. */
export function list(context: Context, request: Request, plus: boolean): Buffer {
  requireLength(request.body, 24);
  const folder = nodeOf(context, request.nodeId);
  const offset = number(request.body, 8);
  const validity = context.watching.validity(folder);
  if (offset === 0 || folder.listing === undefined) {
    const found = context.tree.list(pathOf(context, folder));
    folder.listing ??= new Listing();
    folder.listing.update(found);
  }
  const bytes = Buffer.alloc(replyHeader + Math.min(request.body.readUInt32LE(16), maxContent));
  const inFront = plus ? entrySize : 0;
  let at = replyHeader;
  for (const { entry, next } of folder.listing.from(offset)) {
    const name = typeof entry === 'string' ? entry : entry.name;
    const end = at + inFront + aligned(recordSize + name.length);
    if (end > bytes.length) break;
    let found: Attributes | undefined;
    if (typeof entry !== 'string') {
      found = lookedUp(context, folder, entry);
      if (found === undefined) continue;
    }
    if (plus && found !== undefined) {
      const node = context.nodes.take(folder, name, found);
      writeEntry(bytes, at, node.id, found, validity, context.owner);
    }
    const type = found?.mode ?? constants.S_IFDIR;
    // The kernel takes a number for a dirent only where it is not 0.
    bytes.writeBigUInt64LE(found?.ino ?? 1n, at + inFront);
    writeNumber(bytes, next, at + inFront + 8);
    bytes.writeUInt32LE(name.length, at + inFront + 16);
    bytes.writeUInt32LE((type & constants.S_IFMT) >> 12, at + inFront + 20);
    bytes.write(name, at + inFront + recordSize, 'latin1');
    at = end;
  }
  const whole = bytes.subarray(0, at);
  writeReplyHeader(whole, request.unique, 0);
  return whole;
}

/** Undefined where it is gone meanwhile. */
function lookedUp(context: Context, folder: Node, { name }: Entry): Attributes | undefined {
  try {
    return context.tree.stat(childOf(context, folder, name));
  } catch (error) {
    if (['ENOENT', 'EACCES'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
}
