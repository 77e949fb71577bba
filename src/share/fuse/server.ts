import { systemCode } from '../../errors/mvm-error.ts';
import type { Tree } from '../tree/tree.ts';
import * as contents from './content-operations.ts';
import type { Context } from './context.ts';
import { answerEvent } from './event-operations.ts';
import { initReply } from './init.ts';
import { maxMessage, notices, opcodes, replyHeader, requestHeader } from './layout.ts';
import { list } from './list-operations.ts';
import { errorReply, number, type Owner, parseRequest, type Request, writeNotice } from './message.ts';
import * as names from './name-operations.ts';
import { type NodeRecord, Nodes } from './nodes.ts';
import { OpenFiles } from './open-files.ts';
import { Watching } from './watching.ts';

/** So many files a guest may know at once. */
const mostNodes = 1_000_000;

export interface ServerOptions {
  tree: Tree;
  /** Who everything belongs to in the guest. */
  owner: Owner;
  isReadOnly: boolean;
  /** Sends a message to the guest, which takes them in this order. */
  send(message: Buffer): void;
  /** What another process needs to go on with this share: written down before the guest hears of it. */
  note?(record: NodeRecord): void;
  /** What the process before this one wrote down. */
  earlier?: Iterable<NodeRecord>;
}

/** Answers a guest's kernel what it asks of one share. */
export interface ShareServer {
  /** Takes a whole message of the guest. Throws nothing that the guest could cause. */
  take(message: Buffer): void;
  /** Files were changed by means of which the file system tells nothing: see Watching. */
  changed(): void;
  /** Descriptors that lead to what may be another file now are not kept. */
  releaseFiles(): void;
  /** What is to be written down anew, in place of all that was. */
  records(): Iterable<NodeRecord>;
  close(): void;
}

type Operation = (context: Context, request: Request) => Buffer | undefined;

const operations: Readonly<Record<number, Operation>> = {
  [opcodes.lookup]: names.lookup,
  [opcodes.getattr]: contents.getattr,
  [opcodes.setattr]: contents.setattr,
  [opcodes.readlink]: contents.readlink,
  [opcodes.symlink]: names.symlink,
  [opcodes.mknod]: names.mknod,
  [opcodes.mkdir]: names.mkdir,
  [opcodes.unlink]: names.unlink,
  [opcodes.rmdir]: names.rmdir,
  [opcodes.rename]: names.rename,
  [opcodes.rename2]: names.rename2,
  [opcodes.link]: names.link,
  [opcodes.read]: contents.read,
  [opcodes.write]: contents.write,
  [opcodes.statfs]: contents.statfs,
  [opcodes.fsync]: contents.fsync,
  [opcodes.fallocate]: contents.fallocate,
  [opcodes.readdir]: (context, request) => list(context, request, false),
  [opcodes.readdirplus]: (context, request) => list(context, request, true),
  [opcodes.forget]: (context, request) => {
    if (request.body.length >= 8) forget(context, request.nodeId, number(request.body, 0));
    return undefined;
  },
  [opcodes.batchForget]: (context, { body }) => {
    for (let at = 8; at + 16 <= body.length; at += 16)
      forget(context, number(body, at), number(body, at + 8));
    return undefined;
  },
  [opcodes.interrupt]: () => undefined, // Everything is answered at once.
  [opcodes.destroy]: () => undefined,
};

/** They give the guest another file that it knows. */
const given: ReadonlySet<number> = new Set([
  opcodes.lookup,
  opcodes.mknod,
  opcodes.mkdir,
  opcodes.symlink,
  opcodes.link,
]);

function forget({ nodes }: Context, id: number, count: number): void {
  const node = nodes.get(id);
  if (node !== undefined) nodes.forget(node, count);
}

export function createServer(options: ServerOptions): ShareServer {
  const { tree, owner, isReadOnly, send } = options;
  let isRestoring = options.earlier !== undefined;
  const nodes: Nodes = new Nodes(
    (record) => isRestoring || options.note?.(record),
    (node) => {
      files.release(node);
      watching.stop(node);
    },
  );
  const files = new OpenFiles(tree, nodes);
  const watching = new Watching(tree, nodes, { notice: send });
  const context: Context = { tree, nodes, files, watching, owner, isReadOnly };
  if (options.earlier !== undefined) nodes.restore(options.earlier);
  isRestoring = false;

  function answer(request: Request): Buffer | undefined {
    const { opcode, unique } = request;
    if (opcode === opcodes.init) return initReply(request);
    if (opcode === opcodes.attached) return attached(request);
    if (opcode === opcodes.made) return void watching.events.made(Number(unique));
    try {
      // The kernel itself asks in the name of 0.
      if (request.thread !== 0 && request.thread === watching.events.thread) {
        const answered = answerEvent(context, request);
        if (answered !== undefined) return answered;
      }
      const operation = operations[opcode];
      if (operation === undefined) return errorReply(unique, 'ENOSYS');
      if (nodes.size >= mostNodes && given.has(opcode)) return errorReply(unique, 'ENFILE');
      return operation(context, request);
    } catch (error) {
      const code = systemCode(error);
      if (code === undefined) throw error;
      return errorReply(unique, code);
    }
  }

  /** A kernel that goes on with what an earlier process served asks anew what that did not answer. */
  function attached({ thread, unique }: Request): Buffer | undefined {
    watching.events.begin(thread);
    if (unique !== 1n) return undefined;
    watching.changedBelow();
    const bytes = Buffer.alloc(replyHeader);
    writeNotice(bytes, notices.resend);
    return bytes;
  }

  return {
    take(message) {
      if (message.length < requestHeader || message.length > maxMessage) return;
      const answered = answer(parseRequest(message));
      if (answered !== undefined) send(answered);
    },
    changed: () => watching.changedBelow(),
    releaseFiles: () => files.releaseNamed(),
    records: () => nodes.records(),
    close() {
      watching.close();
      for (const node of nodes.all()) watching.stop(node);
      files.close();
      tree.close();
    },
  };
}
