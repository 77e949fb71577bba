import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import { MvmError } from '../../errors/mvm-error.ts';
import type { FileDigest } from '../digest.ts';

/** Files that an image may have; what else a build leaves (`nix-support`) is not taken. */
const imageFile = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const mostFiles = 64;

export interface ReceiveOptions {
  signal: AbortSignal;
  /** Bytes so far. */
  onProgress?: (bytes: number) => void;
}

/**
 * Writes the image in a tar stream (`./kernel`, …) into `dir`, synced; the digests of all that is there then. The
 * caller listens to the stream's errors; here they are thrown.
 * @param held what is in `dir` already
 */
export async function receiveTar(
  stream: Readable,
  dir: string,
  options: ReceiveOptions,
  held: ReadonlyMap<string, FileDigest> = new Map(),
): Promise<Map<string, FileDigest>> {
  const found = new Map(held);
  const reader = extract();
  const fail = (error: Error) => reader.destroy(error);
  const abort = () => reader.destroy(options.signal.reason);
  options.signal.throwIfAborted();
  options.signal.addEventListener('abort', abort, { once: true });
  const closed = () => {
    if (stream.errored) fail(stream.errored);
    else if (!stream.readableEnded) fail(new Error('Unexpected end of data'));
  };
  stream.once('close', closed);
  // Errors come out of the loop below; an emitter without a listener would end the process.
  reader.on('error', () => {});
  try {
    // It may have broken before anybody listened.
    if (stream.destroyed) closed();
    stream.pipe(reader);
    for await (const entry of reader) {
      const { name: path, type } = entry.header;
      const name = path.replace(/^\.\//, '');
      if (type === 'file' && imageFile.test(name)) {
        await writeFile(dir, name, entry as AsyncIterable<Buffer>, found, options);
      } else if (type !== 'file' && imageFile.test(name) && type !== 'directory') {
        throw new MvmError(
          'IMAGE_INVALID',
          `The image that was built has a ${type} where a file must be: ${name}.`,
        );
      } else entry.resume();
    }
    options.signal.throwIfAborted();
    return found;
  } catch (error) {
    options.signal.throwIfAborted();
    if (error instanceof Error && /Unexpected end of data|Invalid tar header/.test(error.message)) {
      throw new MvmError('IMAGE_INVALID', 'The image that was built arrived incomplete or corrupted.', {
        cause: error,
      });
    }
    throw error;
  } finally {
    options.signal.removeEventListener('abort', abort);
    stream.off('close', closed);
    if (!stream.destroyed) stream.destroy();
  }
}

/** As `receiveTar`, from a folder. */
export async function receiveFolder(
  from: string,
  dir: string,
  options: ReceiveOptions,
): Promise<Map<string, FileDigest>> {
  const found = new Map<string, FileDigest>();
  for (const name of (await readdir(from)).sort()) {
    if (!imageFile.test(name)) continue;
    const path = join(from, name);
    const { isFile } = await lstat(path).then((stats) => ({ isFile: stats.isFile() }));
    if (isFile)
      await writeFile(dir, name, createReadStream(path, { signal: options.signal }), found, options);
  }
  return found;
}

/** Writes a file of an image, synced, and adds its digest to those in `found`. */
export async function writeFile(
  dir: string,
  name: string,
  content: AsyncIterable<Buffer>,
  found: Map<string, FileDigest>,
  { signal, onProgress }: ReceiveOptions,
): Promise<void> {
  if (found.size >= mostFiles || found.has(name)) {
    throw new MvmError(
      'IMAGE_INVALID',
      `The image that was built has too many files, or the same file twice: ${name}.`,
    );
  }
  const before = [...found.values()].reduce((sum, { size }) => sum + size, 0);
  const hash = createHash('sha256');
  let size = 0;
  const file = await open(join(dir, name), 'wx', 0o444);
  try {
    for await (const piece of content) {
      signal.throwIfAborted();
      hash.update(piece);
      for (let at = 0; at < piece.length; ) at += (await file.write(piece, at)).bytesWritten;
      size += piece.length;
      onProgress?.(before + size);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  found.set(name, { sha256: hash.digest('hex'), size });
}
