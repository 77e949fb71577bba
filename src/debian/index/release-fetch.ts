import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { atFile } from '../../errors/file-error.ts';
import { MvmError, systemCode } from '../../errors/mvm-error.ts';
import type { Emit } from '../../events/events.ts';
import { ensureDir, writeAtomic } from '../../state/write.ts';
import { get, networkError, type RequestOptions } from '../download/http.ts';
import { hostOf, publicUrl, withRetries } from '../download/retry.ts';
import type { Mirror } from '../mirror/mirror.ts';
import { type Release, readRelease } from './release.ts';

export interface FetchReleaseOptions {
  mirror: Mirror;
  cacheDir: string;
  suite: string;
  emit: Emit;
  signal?: AbortSignal | undefined;
  keys?: string | undefined;
  attempts?: number | undefined;
  backoffMs?: number | undefined;
  stallMs?: number | undefined;
  onRetry?: ((reason: string) => void) | undefined;
  onSilence?: RequestOptions['onSilence'];
}

export interface FetchedRelease {
  release: Release;
  /**
   * Puts it into the cache; to be called once the files it names are there too, so that the cache never
   * holds a list that is of no use without the mirror.
   */
  keep(): Promise<void>;
}

/** With a copy in the cache to fall back on, a mirror that does not answer gets less patience. */
const impatient = { attempts: 2, stallMs: 10_000 };

/** Debian's own is 140 KB. */
const atMost = 16 << 20;

/** What a server said about the copy in the cache, to ask whether it has changed. */
interface Validators {
  url: string;
  etag?: string | undefined;
  modified?: string | undefined;
}

async function readIfCached(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw atFile(error, path);
  }
}

async function conditions(path: string, url: string): Promise<Record<string, string>> {
  const text = await readIfCached(path);
  let known: Validators;
  try {
    known = JSON.parse(text ?? '{}');
  } catch {
    // Only a hint for the server; without it the whole file is loaded again.
    return {};
  }
  if (known.url !== url) return {};
  return {
    ...(known.etag ? { 'If-None-Match': known.etag } : {}),
    ...(known.modified ? { 'If-Modified-Since': known.modified } : {}),
  };
}

/** The server's copy with its validators; undefined when ours is still the same. */
async function load(url: string, headers: Record<string, string>, options: FetchReleaseOptions) {
  return withRetries({ ...options, url }, async () => {
    const { signal, mirror, stallMs, onSilence } = options;
    const response = await get(url, { headers, signal, stallMs, onSilence, proxy: mirror.proxy });
    if (response.statusCode === 304) {
      response.resume();
      return undefined;
    }
    if (response.statusCode !== 200) {
      response.destroy();
      throw new MvmError(
        'DOWNLOAD_FAILED',
        `${publicUrl(url)} answered with status ${response.statusCode}.`,
        {
          hint: `check the mirror, which comes from ${mirror.source}, or set MVM_DEBIAN_MIRROR`,
        },
      );
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const chunk of response) {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > atMost)
          throw new MvmError('INDEX_INVALID', `${publicUrl(url)} is larger than ${atMost} bytes.`);
      }
    } catch (error) {
      throw error instanceof MvmError ? error : networkError(error);
    }
    const { etag, 'last-modified': modified } = response.headers;
    return {
      text: Buffer.concat(chunks).toString('utf8'),
      validators: { url: publicUrl(url), etag, modified },
    };
  });
}

/**
 * The suite's verified list of files: from the mirror, or the cached copy (verified again) when that is
 * unchanged or the mirror can't be reached. Throws as `openIndex` does.
 */
export async function fetchRelease(options: FetchReleaseOptions): Promise<FetchedRelease> {
  const { mirror, suite, keys, emit } = options;
  const url = `${mirror.url}/dists/${suite}/InRelease`;
  const dir = join(options.cacheDir, 'dists', suite);
  const file = join(dir, 'InRelease');
  const metaFile = join(dir, 'InRelease.json');
  const cached = await readIfCached(file);
  const reuse = async (): Promise<FetchedRelease | undefined> => {
    if (cached === undefined) return undefined;
    return { release: await readRelease(cached, { suite, keys, name: file }), keep: async () => {} };
  };

  let loaded: Awaited<ReturnType<typeof load>>;
  try {
    loaded =
      cached === undefined
        ? await load(url, {}, options)
        : await load(url, await conditions(metaFile, publicUrl(url)), { ...impatient, ...options });
  } catch (error) {
    if (!(error instanceof MvmError) || error.code !== 'MIRROR_UNREACHABLE') throw error;
    const fallback = await reuse();
    if (fallback === undefined) throw error;
    emit({
      type: 'note',
      level: 'warn',
      text: `Can't reach ${hostOf(url)}; using the package index of ${fallback.release.date} from the cache.`,
    });
    return fallback;
  }
  if (loaded === undefined) {
    const unchanged = await reuse();
    if (unchanged !== undefined) return unchanged;
    throw new MvmError('DOWNLOAD_FAILED', `${publicUrl(url)} answered with status 304.`);
  }
  const { text, validators } = loaded;
  const release = await readRelease(text, { suite, keys, name: publicUrl(url) });
  const keep = async (): Promise<void> => {
    await ensureDir(dir);
    await writeAtomic(file, text);
    await writeAtomic(metaFile, JSON.stringify(validators));
  };
  return { release, keep };
}
