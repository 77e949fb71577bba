import type { Readable, Writable } from 'node:stream';
import { MvmError, systemCode } from '../errors/mvm-error.ts';
import { createSink } from '../guest/exec/sink.ts';
import { TreeDecoder } from './decode.ts';
import { treeRefused } from './failure.ts';
import { encodeData, encodeDone, encodeEnd, encodeFile, maxData, withoutMeta } from './records.ts';
import type { Source, Target } from './source.ts';

/** Standard input as a file. Throws USAGE where it can't be read. */
export function streamSource(input: Readable, signal: AbortSignal): Source {
  const abort = () => input.destroy(signal.reason);
  signal.addEventListener('abort', abort);
  return {
    kind: 'stream',
    async *pieces() {
      yield encodeFile(withoutMeta, 0);
      try {
        for await (const chunk of input) {
          const bytes = chunk as Buffer;
          for (let at = 0; at < bytes.length; at += maxData)
            yield encodeData(bytes.subarray(at, at + maxData));
        }
      } catch (error) {
        signal.throwIfAborted();
        const code = systemCode(error) ?? String(error);
        throw new MvmError('USAGE', `Can't read standard input: ${code}.`, { cause: error });
      }
      yield Buffer.concat([encodeEnd(), encodeDone()]);
    },
    async close() {
      signal.removeEventListener('abort', abort);
      input.destroy();
    },
  };
}

/** A file's bytes to standard output. Throws STATE_WRITE, TREE_REFUSED for anything but a file, BrokenPipe. */
export function streamTarget(output: Writable, signal: AbortSignal): Target {
  const sink = createSink(output, 'standard output', signal);
  /** Bytes, and lengths of holes, that are yet to be written. */
  let waiting: (Buffer | number)[] = [];
  const refused = () => {
    throw treeRefused('standard output', 'what came is not a file');
  };
  const decoder = new TreeDecoder({
    folder: refused,
    symlink: refused,
    link: refused,
    file() {},
    data: (bytes) => void waiting.push(bytes),
    hole: (length) => void waiting.push(length),
    end() {},
    skipped() {},
    done() {},
  });
  return {
    async take(piece) {
      decoder.push(piece);
      for (const one of waiting) {
        if (typeof one !== 'number') await sink.write(one);
        else
          for (let left = one; left > 0; left -= zeros.length)
            await sink.write(zeros.subarray(0, Math.min(left, zeros.length)));
      }
      waiting = [];
    },
    async finish() {
      if (!decoder.isDone) throw treeRefused('standard output', 'the file has no end');
      await sink.flush();
    },
    close: async () => sink.release(),
  };
}

const zeros = Buffer.alloc(65_536);
