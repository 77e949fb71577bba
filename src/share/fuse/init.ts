import { initFlags, maxContent, replyHeader } from './layout.ts';
import { errorReply, type Request, reply } from './message.ts';

/** The version of the interface that this is written for. */
const [major, minor] = [7, 36];

/**
 * Agrees with the guest's kernel on what both can. Not on write-back caching (FUSE_WRITEBACK_CACHE): with it the kernel takes its
 * own word for a file's size and time, and would not see what the host changes.
 */
export function initReply(request: Request): Buffer {
  if (request.body.length < 16) return errorReply(request.unique, 'EINVAL');
  const offered = request.body.readUInt32LE(12);
  const wanted = Object.values(initFlags).reduce((all, flag) => all | flag, 0);
  const bytes = reply(request.unique, 64);
  const fields = [
    major,
    minor,
    maxContent, // of what is read ahead
    offered & wanted,
    64 | (48 << 16), // requests in the background, and how many are many
    maxContent, // of a write
    1, // times are in nanoseconds
    maxContent / 4096, // pages of a message
    0,
  ];
  for (const [index, field] of fields.entries()) bytes.writeUInt32LE(field >>> 0, replyHeader + 4 * index);
  // max_pages has 16 bits, and what follows belongs to others.
  return bytes;
}
