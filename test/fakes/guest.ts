import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDecoder } from '../../src/protocol/decode.ts';
import { encodeFrame, encodeObject, encodeResize, type Frame, frameTypes } from '../../src/protocol/frame.ts';
import {
  guestProof,
  hostProof,
  keySize,
  markOf,
  markSize,
  nonceSize,
  proofSize,
} from '../../src/protocol/preamble.ts';

export const key = Buffer.alloc(keySize, 0x5a).fill(0xc3, 7, 19);

/** The guest's end of one operation, for a test to play. */
export interface GuestEnd {
  socket: Socket;
  open: Record<string, unknown>;
  /** The next frame of the host; undefined when its stream has ended. */
  next(): Promise<Frame | undefined>;
  /** All frames until one of this type, which is the last of them. Throws when the stream ends first. */
  until(type: number): Promise<Frame[]>;
  raw(bytes: Buffer | string): Promise<void>;
  welcome(): Promise<void>;
  object(type: number, value: object): Promise<void>;
  started(value?: object): Promise<void>;
  data(stream: number, bytes: Buffer | string): Promise<void>;
  eof(stream: number): Promise<void>;
  credit(bytes: number): Promise<void>;
  resize(rows: number, cols: number): Promise<void>;
  live(): Promise<void>;
  exit(status: number, signal?: string): Promise<void>;
  /** Reads input as a process would: grants credit, calls `on` with each piece, ends at EOF or close. */
  consume(on: (bytes: Buffer) => void, window?: number): Promise<void>;
  destroy(): void;
}

export interface FakeGuest {
  key: Buffer;
  connect: () => Promise<Socket>;
  /** The path of the socket that it listens on. */
  path: string;
  /** Resolves when the last conversation's script has ended; rejects with what it threw. */
  done(): Promise<void>;
  close(): Promise<void>;
}

export type Script = (guest: GuestEnd) => Promise<void>;

/** How a guest answers the host's first bytes. */
export type Hello = (socket: Socket, nonce: Promise<Buffer>) => Promise<void>;

/** What a guest that has the key answers to the host's nonce. */
export const answerTo = (nonce: Buffer, stopping = false): Buffer =>
  Buffer.concat([guestProof(key, nonce, stopping), guestNonce]);

const honest: Hello = async (socket, nonce) => {
  socket.write(answerTo(await nonce));
};

/** A guest on a Unix socket that answers each connection as `script` says, once the host's OPEN is there. */
export async function fakeGuest(script: Script, hello: Hello = honest): Promise<FakeGuest> {
  const dir = mkdtempSync(join(tmpdir(), 'mvm-guest-'));
  const path = join(dir, 's');
  let last: Promise<void> = Promise.resolve();
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {}); // the host may hang up at any time
    last = serve(socket, script, hello);
    last.catch(() => {});
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    path,
    key,
    connect: () =>
      new Promise((resolve, reject) => {
        const socket = createConnection({ path });
        socket.once('error', reject);
        socket.once('connect', () => {
          socket.off('error', reject);
          resolve(socket);
        });
      }),
    done: () => last,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** What the host sends before its first frame, taken from its stream. */
interface Hail {
  /** The host's nonce, once its first bytes are there. */
  nonce: Promise<Buffer>;
  frames: AsyncGenerator<Frame, void, undefined>;
}

const guestNonce = Buffer.alloc(nonceSize, 0x47);

/** Takes mark, nonce and proof, in whatever pieces they come. Throws where one of them is wrong. */
function hail(socket: Socket): Hail {
  const nonce = Promise.withResolvers<Buffer>();
  nonce.promise.catch(() => {}); // a host may hang up before
  async function* frames(): AsyncGenerator<Frame, void, undefined> {
    const decoder = createDecoder();
    let bytes: Buffer = Buffer.alloc(0);
    let stage: 'mark' | 'proof' | 'frames' = 'mark';
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
      bytes = Buffer.concat([bytes, chunk as Buffer]);
      if (stage === 'mark') {
        if (bytes.length < markSize + nonceSize) continue;
        if (!bytes.subarray(0, markSize).equals(markOf(key))) throw new Error('no mark came');
        nonce.resolve(Buffer.from(bytes.subarray(markSize, markSize + nonceSize)));
        bytes = bytes.subarray(markSize + nonceSize);
        stage = 'proof';
      }
      if (stage === 'proof') {
        if (bytes.length < proofSize) continue;
        const proof = hostProof(key, await nonce.promise, guestNonce);
        if (!bytes.subarray(0, proofSize).equals(proof)) throw new Error("the host's proof is wrong");
        bytes = bytes.subarray(proofSize);
        stage = 'frames';
      }
      yield* decoder.push(bytes);
      bytes = Buffer.alloc(0);
    }
    nonce.reject(new Error('the host hung up'));
  }
  return { nonce: nonce.promise, frames: frames() };
}

async function serve(socket: Socket, script: Script, hello: Hello): Promise<void> {
  const { nonce, frames } = hail(socket);
  const first = frames.next();
  first.catch(() => {});
  await hello(socket, nonce);
  const next = async (): Promise<Frame | undefined> => {
    try {
      const result = await frames.next();
      return result.done ? undefined : result.value;
    } catch {
      return undefined; // the host hung up
    }
  };
  const greeting = await first;
  const open = await next();
  if (greeting.done || greeting.value.type !== frameTypes.hello || open?.type !== frameTypes.open)
    throw new Error('the host did not begin with HELLO and OPEN');
  const raw = (bytes: Buffer | string): Promise<void> =>
    new Promise((resolve) => {
      socket.write(bytes, () => resolve());
    });
  const frame = (type: number, stream = 0, payload: Buffer = Buffer.alloc(0)): Promise<void> =>
    raw(encodeFrame({ type, stream, payload }));
  const guest: GuestEnd = {
    socket,
    open: JSON.parse(open.payload.toString()),
    next,
    async until(type) {
      const all: Frame[] = [];
      for (;;) {
        const got = await next();
        if (got === undefined) throw new Error(`the host hung up before a frame of type ${type}`);
        all.push(got);
        if (got.type === type) return all;
      }
    },
    raw,
    async welcome() {
      await guest.object(frameTypes.welcome, { generation: 1, agent: '0.1.0', ops: ['exec', 'console'] });
    },
    object: (type, value) => raw(encodeObject(type, value)),
    started: (value = { pid: 7 }) => guest.object(frameTypes.started, value),
    async data(stream, bytes) {
      const all = Buffer.from(bytes as string);
      for (let at = 0; at < all.length; at += 32_768)
        await frame(frameTypes.data, stream, all.subarray(at, at + 32_768));
    },
    eof: (stream) => frame(frameTypes.eof, stream),
    async credit(bytes) {
      const payload = Buffer.alloc(4);
      payload.writeUInt32BE(bytes);
      await frame(frameTypes.credit, 0, payload);
    },
    resize: (rows, cols) => raw(encodeResize(rows, cols)),
    live: () => frame(frameTypes.live),
    exit: (status, signal) =>
      guest.object(frameTypes.exit, { status, ...(signal === undefined ? {} : { signal }) }),
    async consume(on, window = 65_536) {
      let credit = window;
      await guest.credit(window);
      for (;;) {
        const got = await next();
        if (got === undefined || got.type === frameTypes.eof || got.type === frameTypes.close) return;
        if (got.type !== frameTypes.data) continue;
        credit -= got.payload.length;
        if (credit < 0) throw new Error('the host exceeded its credit');
        on(got.payload);
        credit += got.payload.length;
        await guest.credit(got.payload.length);
      }
    },
    destroy: () => socket.destroy(),
  };
  await script(guest);
}
