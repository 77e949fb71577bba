import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { atFile, writeError } from '../../errors/file-error.ts';
import { MvmError, systemCode } from '../../errors/mvm-error.ts';
import { get, NetworkError, networkError, type RequestOptions } from './http.ts';
import { publicUrl } from './retry.ts';

export interface Partial {
  path: string;
  /** Bytes on disk so far. */
  bytes: number;
}

export interface ContinueOptions extends RequestOptions {
  url: string;
  /** Bytes of the whole file. */
  size?: number | undefined;
  onProgress?: ((bytes: number, total: number | undefined) => void) | undefined;
}

/** What the server called this version of the file; lets a later run ask for the rest of the same one. */
function validatorOf(response: IncomingMessage): string {
  const { etag } = response.headers;
  if (etag !== undefined && !etag.startsWith('W/')) return etag;
  return response.headers['last-modified'] ?? '';
}

async function readValidator(part: string): Promise<string> {
  return readFile(`${part}.validator`, 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return '';
    throw atFile(error, `${part}.validator`);
  });
}

export async function removePartial(path: string): Promise<void> {
  await rm(path, { force: true });
  await rm(`${path}.validator`, { force: true });
}

async function hashOf(handle: FileHandle): Promise<{ hash: Hash; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of handle.createReadStream({ start: 0, autoClose: false })) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { hash, bytes };
}

/**
 * One try to complete a partial file: asks for what is missing and appends it. Returns the SHA256 of the
 * whole, in hex; the caller compares. Without a validator from the server that checksum is what notices a
 * mixture of two versions. Throws NetworkError (what came is kept), STATE_WRITE, DOWNLOAD_FAILED.
 */
export async function continuePartial(part: Partial, options: ContinueOptions): Promise<string> {
  const handle = await open(part.path, 'a+').catch((error: unknown) => {
    throw writeError(error, part.path);
  });
  try {
    let { hash, bytes } = await hashOf(handle);
    const restart = async (): Promise<void> => {
      await handle.truncate(0);
      hash = createHash('sha256');
      bytes = part.bytes = 0;
    };
    part.bytes = bytes;
    if (options.size !== undefined && bytes > options.size) await restart();
    if (options.size !== undefined && bytes === options.size) return hash.digest('hex');

    const validator = bytes > 0 ? await readValidator(part.path) : '';
    const response = await get(options.url, {
      ...options,
      headers: {
        ...(bytes > 0 ? { Range: `bytes=${bytes}-` } : {}),
        ...(validator === '' ? {} : { 'If-Range': validator }),
      },
    });
    const status = response.statusCode ?? 0;
    const from = /^bytes (\d+)-/.exec(response.headers['content-range'] ?? '')?.[1];
    if (status === 416 || (status === 206 && Number(from) !== bytes)) {
      response.destroy();
      await restart();
      throw new NetworkError('it does not have the part of the file that is missing');
    }
    if (status !== 200 && status !== 206) {
      response.destroy();
      throw new MvmError('DOWNLOAD_FAILED', `${publicUrl(options.url)} answered with status ${status}.`, {
        ...(status === 404 ? { hint: 'export MVM_DEBIAN_MIRROR=<URL of a complete Debian archive>' } : {}),
      });
    }
    if (status === 200 && bytes > 0) await restart();
    if (bytes === 0) await writeFile(`${part.path}.validator`, validatorOf(response));
    const length = response.headers['content-length'];
    const total = length === undefined ? options.size : bytes + Number(length);
    await append(response, handle, hash, part, { ...options, size: options.size ?? total });
    const tooLong = options.size !== undefined && part.bytes > options.size;
    if (total !== undefined && part.bytes < total && !tooLong) {
      throw new NetworkError(`it broke off after ${part.bytes} of ${total} bytes`);
    }
    await handle.sync();
    return hash.digest('hex');
  } catch (error) {
    throw writeError(error, part.path);
  } finally {
    await handle.close();
  }
}

async function append(
  response: IncomingMessage,
  handle: FileHandle,
  hash: Hash,
  part: Partial,
  options: ContinueOptions,
): Promise<void> {
  const chunks = response[Symbol.asyncIterator]();
  for (;;) {
    const next = await chunks.next().catch((error: unknown) => {
      throw networkError(error);
    });
    if (next.done === true) return;
    const chunk: Buffer = next.value;
    await handle.appendFile(chunk);
    hash.update(chunk);
    part.bytes += chunk.length;
    options.onProgress?.(part.bytes, options.size);
    // Longer than promised can't become right; don't fill the disk with it.
    if (options.size !== undefined && part.bytes > options.size) {
      response.destroy();
      return;
    }
  }
}
