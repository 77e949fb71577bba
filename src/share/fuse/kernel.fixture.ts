import { join } from 'node:path';
import { temporaryFolder } from '../../state/temporary-folder.fixture.ts';
import { HostTree } from '../tree/host-tree.ts';
import { opcodes, requestHeader } from './layout.ts';
import { writeNumber } from './message.ts';
import type { NodeRecord } from './nodes.ts';
import { createServer, type ShareServer } from './server.ts';

/** Plays a guest's kernel to a server of a new folder. */
export interface Kernel {
  /** The folder on the host. */
  dir: string;
  server: ShareServer;
  /** What was noted for a process that comes later. */
  noted: NodeRecord[];
  /** The answer to a request: what is behind its header, or the negative number of an error. */
  ask(opcode: number, nodeId: number, body?: Buffer, thread?: number): { error: number; body: Buffer };
  /** The number that a name leads to; a negative number of an error, 0 where there is none. */
  lookup(parent: number, name: string): number;
  make(parent: number, name: string): number;
  write(id: number, text: string, at?: number): number;
  read(id: number): string;
  /** What was told unasked since it was last looked at: codes and bodies. */
  notices(): { code: number; body: Buffer }[];
}

export const name = (text: string): Buffer => Buffer.from(`${text}\0`, 'latin1');
export const fields = (length: number, ...values: [at: number, value: number][]): Buffer => {
  const bytes = Buffer.alloc(length);
  for (const [at, value] of values) writeNumber(bytes, value, at);
  return bytes;
};

export function playKernel({
  dir = join(temporaryFolder('mvm-share-')),
  earlier,
  isReadOnly = false,
}: {
  dir?: string;
  earlier?: NodeRecord[];
  isReadOnly?: boolean;
} = {}): Kernel {
  const sent: Buffer[] = [];
  const noted: NodeRecord[] = [];
  const server = createServer({
    tree: new HostTree(dir),
    owner: { uid: 0, gid: 0 },
    isReadOnly,
    send: (bytes) => void sent.push(bytes),
    note: (record) => void noted.push(record),
    ...(earlier && { earlier }),
  });
  let unique = 100n;
  const kernel: Kernel = {
    dir,
    server,
    noted,
    ask(opcode, nodeId, body = Buffer.alloc(0), thread = 7) {
      const bytes = Buffer.alloc(requestHeader + body.length);
      bytes.writeUInt32LE(bytes.length, 0);
      bytes.writeUInt32LE(opcode, 4);
      bytes.writeBigUInt64LE(++unique, 8);
      writeNumber(bytes, nodeId, 16);
      bytes.writeUInt32LE(thread, 32);
      body.copy(bytes, requestHeader);
      server.take(bytes);
      const at = sent.findIndex((one) => one.readBigUInt64LE(8) === unique);
      const [found] = at < 0 ? [] : sent.splice(at, 1);
      if (found === undefined) return { error: 1, body: Buffer.alloc(0) };
      return { error: found.readInt32LE(4), body: found.subarray(16) };
    },
    lookup(parent, text) {
      const { error, body } = kernel.ask(opcodes.lookup, parent, name(text));
      return error === 0 ? Number(body.readBigUInt64LE(0)) : error;
    },
    make(parent, text) {
      const mode = fields(16, [0, 0o100644]);
      const { error, body } = kernel.ask(opcodes.mknod, parent, Buffer.concat([mode, name(text)]));
      return error === 0 ? Number(body.readBigUInt64LE(0)) : error;
    },
    write(id, text, at = 0) {
      const head = fields(40, [8, at], [16, text.length]);
      const { error, body } = kernel.ask(opcodes.write, id, Buffer.concat([head, Buffer.from(text)]));
      return error === 0 ? body.readUInt32LE(0) : error;
    },
    read(id) {
      const { error, body } = kernel.ask(opcodes.read, id, fields(40, [16, 65_536]));
      return error === 0 ? body.toString() : `error ${error}`;
    },
    notices() {
      return sent.splice(0).map((bytes) => ({ code: bytes.readInt32LE(4), body: bytes.subarray(16) }));
    },
  };
  return kernel;
}
