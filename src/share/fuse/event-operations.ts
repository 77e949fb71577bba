import { constants } from 'node:fs';
import { attributesReply } from './content-operations.ts';
import { type Context, entryReply, nameAt, nodeOf, requireLength, statOf } from './context.ts';
import { entrySize, opcodes } from './layout.ts';
import { errorReply, type Request, reply, writeEntry } from './message.ts';

/** Where the name is in the body of what creates or removes one. */
const nameOffsets: Readonly<Record<number, number>> = {
  [opcodes.lookup]: 0,
  [opcodes.mknod]: 16,
  [opcodes.mkdir]: 8,
  [opcodes.symlink]: 0,
  [opcodes.unlink]: 0,
  [opcodes.rmdir]: 0,
};

/** What changes nothing is answered as always. */
const harmless: ReadonlySet<number> = new Set([
  opcodes.getattr,
  opcodes.readlink,
  opcodes.forget,
  opcodes.batchForget,
  opcodes.statfs,
  opcodes.interrupt,
]);

/**
 * Answers the thread that makes events (events.ts) as if what it asks was done. It never changes anything on the host, whoever
 * asks in the name of that thread.
 * @returns undefined for what is answered as always
 */
export function answerEvent(context: Context, request: Request): Buffer | undefined {
  const { opcode, body, unique } = request;
  if (harmless.has(opcode)) return undefined;
  if (opcode === opcodes.setattr) {
    const node = nodeOf(context, request.nodeId);
    return attributesReply(context, request, node, statOf(context, node));
  }
  const nameOffset = nameOffsets[opcode];
  if (nameOffset === undefined) return errorReply(unique, 'EPERM');
  requireLength(body, nameOffset);
  const folder = nodeOf(context, request.nodeId);
  const { name } = nameAt(body, nameOffset);
  const event = context.watching.events.of(folder, name);
  switch (opcode) {
    case opcodes.lookup:
      if (event?.kind === 'create') return errorReply(unique, 'ENOENT');
      if (event?.kind !== 'delete') return undefined;
      return goneReply(context, request, event.attributes);
    case opcodes.unlink:
    case opcodes.rmdir:
      return event?.kind === 'delete' ? reply(unique, 0) : errorReply(unique, 'EPERM');
    default:
      return event?.kind === 'create'
        ? entryReply(context, request, folder, name)
        : errorReply(unique, 'EPERM');
  }
}

/** A file that is gone, for as long as it takes to remove it. */
function goneReply(
  context: Context,
  request: Request,
  before: { mode: number } & Parameters<typeof writeEntry>[3],
): Buffer {
  const bytes = reply(request.unique, entrySize);
  const ghost = context.nodes.ghost({ ...before, mode: before.mode & (constants.S_IFMT | 0o777) });
  writeEntry(bytes, bytes.length - entrySize, ghost.id, before, { entry: 0, attributes: 0 }, context.owner);
  return bytes;
}
