import xz from 'xz-decompress';
import { MvmError } from '../errors/mvm-error.ts';

/** What the WASM build of xz-embedded exports; the layout of its context is in `contextOf`. */
interface XzExports {
  memory: { buffer: ArrayBuffer };
  create_context(): number;
  destroy_context(context: number): void;
  supply_input(context: number, bytes: number): void;
  /** xz-embedded's `enum xz_ret`. */
  get_next_output(context: number): number;
}

const OK = 0;
const STREAM_END = 1;
const NO_PROGRESS = 8;

/**
 * The package's own stream serialises all users behind one lock (reading a member while its archive is read
 * would never end) and fails on a truncated file with no reason. So only its WASM instance is used, one for
 * each decompressor at work.
 */
const source = xz.XzReadableStream as unknown as {
  _getModuleInstance(): Promise<void>;
  _moduleInstance: { exports: XzExports };
};

const idle: XzExports[] = [];

async function instance(): Promise<XzExports> {
  const free = idle.pop();
  if (free !== undefined) return free;
  await source._getModuleInstance();
  return source._moduleInstance.exports;
}

interface Context {
  /** Gives up to `bufferSize` bytes; only when the former were consumed. */
  supply(bytes: Uint8Array): void;
  next(): { result: number; output: Buffer };
  allConsumed(): boolean;
  readonly bufferSize: number;
  free(): void;
}

/** A context: buffer size, `struct xz_buf` (in, in_pos, in_size, out, out_pos, out_size), then the buffers. */
function contextOf(wasm: XzExports): Context {
  const at = wasm.create_context();
  const word = (index: number): DataView => new DataView(wasm.memory.buffer, at + index * 4, 4);
  const read = (index: number): number => word(index).getUint32(0, true);
  return {
    bufferSize: read(0),
    supply(bytes) {
      new Uint8Array(wasm.memory.buffer).set(bytes, read(1));
      wasm.supply_input(at, bytes.length);
    },
    next() {
      const result = wasm.get_next_output(at);
      // Copied: the buffer is written again by the next call, and memory that grows is another buffer.
      const output = Buffer.from(new Uint8Array(wasm.memory.buffer, read(4), read(5)));
      word(5).setUint32(0, 0, true);
      return { result, output };
    },
    allConsumed: () => read(2) === read(3),
    free: () => wasm.destroy_context(at),
  };
}

const reasons: Record<number, string> = {
  2: 'it uses a check that is not supported',
  3: 'out of memory',
  4: 'it needs too much memory',
  5: 'it is not xz data',
  6: 'it uses options or filters that are not supported',
  7: 'its data is damaged',
  8: 'its data is damaged',
};

function damaged(name: string, result?: number): MvmError {
  const reason = result === undefined ? 'it ends too early' : (reasons[result] ?? `error ${result}`);
  return new MvmError('PACKAGE_INVALID', `Can't decompress ${name}: ${reason}.`);
}

/** All output that `given` leads to. An empty piece says that the input ends. Returns whether all is done. */
function* decode(context: Context, given: Uint8Array, name: string): Generator<Buffer, boolean> {
  context.supply(given);
  for (;;) {
    const { result, output } = context.next();
    if (output.length > 0) yield output;
    if (result === STREAM_END) return true;
    // "No progress" is how it says that the end of the input came before that of the data.
    if (result !== OK) throw damaged(name, given.length === 0 && result === NO_PROGRESS ? undefined : result);
    if (context.allConsumed() && output.length === 0) return false;
  }
}

/**
 * Decompresses xz data (all its streams, blocks and padding between streams) as it comes. `name` is what
 * errors call it. Throws PACKAGE_INVALID; errors of the source pass.
 */
export async function* xzChunks(
  compressed: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  name: string,
): AsyncGenerator<Buffer> {
  const wasm = await instance();
  const context = contextOf(wasm);
  let sound = false;
  try {
    for await (const chunk of compressed) {
      for (let at = 0; at < chunk.length; at += context.bufferSize) {
        yield* decode(context, chunk.subarray(at, at + context.bufferSize), name);
      }
    }
    if (!(yield* decode(context, new Uint8Array(), name))) throw damaged(name);
    sound = true;
  } finally {
    context.free();
    // An instance that met broken data may have lost memory; its successor starts clean.
    if (sound) idle.push(wasm);
  }
}

/** Decompresses a whole xz file held in memory, such as a kernel module. Throws PACKAGE_INVALID. */
export async function decompressXz(compressed: Uint8Array, name = 'xz data'): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of xzChunks([compressed], name)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
