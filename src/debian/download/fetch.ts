import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { atFile, writeError } from '../../errors/file-error.ts';
import { MvmError, systemCode } from '../../errors/mvm-error.ts';
import { tryLock } from '../../state/lock.ts';
import { ensureDir } from '../../state/write.ts';
import { leastRate } from './http.ts';
import { continuePartial, type Partial, removePartial } from './partial.ts';
import { publicUrl, type RetryOptions, withRetries } from './retry.ts';

export interface DownloadOptions extends RetryOptions {
  /** Where the file goes; it appears there complete and verified, or not at all. */
  file: string;
  /** What it must have, in hex. */
  sha256: string;
  /** Bytes, where known. */
  size?: number | undefined;
  proxy?: string | undefined;
  /** As of a request. */
  stallMs?: number | undefined;
  onProgress?: ((bytes: number, total: number | undefined) => void) | undefined;
}

/** SHA256 of a file in hex; undefined where there is no such file. */
export async function sha256OfFile(path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw atFile(error, path);
  }
  return hash.digest('hex');
}

/**
 * Makes sure that `file` exists with this checksum: from the cache, by resuming an earlier try's `.part`, or
 * anew. A second process that wants the same file at the same time downloads it under its own name. Throws
 * CHECKSUM_MISMATCH, MIRROR_UNREACHABLE, DOWNLOAD_FAILED, STATE_WRITE, or the signal's reason.
 */
export async function download(options: DownloadOptions): Promise<void> {
  const { file, sha256 } = options;
  if ((await sha256OfFile(file)) === sha256) return;
  await ensureDir(dirname(file));
  const lock = await tryLock(`${file}.lock`);
  const part: Partial = {
    path: lock === undefined ? `${file}.${randomBytes(6).toString('hex')}.part` : `${file}.part`,
    bytes: 0,
  };
  try {
    // The process that held the lock before us may have finished it.
    if ((await sha256OfFile(file)) === sha256) return;
    await loadTwice(part, options);
  } finally {
    if (lock === undefined) await removePartial(part.path);
    await lock?.release();
  }
}

/** Bytes that make a try that failed count as progress: what one that is not given up has to bring in a minute. */
const leastGain = 60 * leastRate;

/** A wrong checksum may come from an old partial file or a bad moment, so it gets one more try from zero. */
async function loadTwice(part: Partial, options: DownloadOptions): Promise<void> {
  let got = '';
  for (let round = 0; round < 2; round++) {
    let seen = 0;
    got = await withRetries(
      options,
      () => continuePartial(part, options),
      () => {
        // A few bytes per try do not count as progress: it would take days.
        const gained = part.bytes - seen >= leastGain;
        seen = part.bytes;
        return gained;
      },
    );
    if (got === options.sha256) {
      await rename(part.path, options.file).catch((error: unknown) => {
        throw writeError(error, options.file);
      });
      await removePartial(part.path);
      return;
    }
    await removePartial(part.path);
    part.bytes = 0;
  }
  throw new MvmError(
    'CHECKSUM_MISMATCH',
    `${publicUrl(options.url)} does not have the checksum of the signed index.`,
    {
      details: [`expected SHA256 ${options.sha256}`, `     got SHA256 ${got}`],
      hint: 'run it again later   (the mirror may be updating)',
    },
  );
}
