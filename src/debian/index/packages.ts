import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip as gunzipCallback } from 'node:zlib';
import { MvmError } from '../../errors/mvm-error.ts';
import { type Emit, silent } from '../../events/events.ts';
import { download } from '../download/fetch.ts';
import type { RequestOptions } from '../download/http.ts';
import type { Mirror } from '../mirror/mirror.ts';
import { type DebianArch, stable } from '../mirror/suite.ts';
import { decompressXz } from '../xz.ts';
import { type PackageRecord, toRecord } from './record.ts';
import type { Release } from './release.ts';
import { fetchRelease } from './release-fetch.ts';
import { type IndexText, indexText } from './text.ts';

const gunzip = promisify(gunzipCallback);

export interface PackageIndex {
  readonly mirror: Mirror;
  readonly cacheDir: string;
  readonly arch: DebianArch;
  readonly suite: string;
  /** The signed date of the archive's state. */
  readonly date: string;
  /** The newest version of a package; undefined where the index has none. Throws PACKAGE_INVALID. */
  get(name: string): PackageRecord | undefined;
  names(): Iterable<string>;
  /** Names of the packages that provide `virtual`. */
  providers(virtual: string): readonly string[];
}

export interface OpenIndexOptions {
  mirror: Mirror;
  /** Holds `dists/`, `index/` and `pool/`; everything in it may be deleted at any time. */
  cacheDir: string;
  arch: DebianArch;
  /** Debian's stable release unless given. */
  suite?: string;
  emit?: Emit;
  signal?: AbortSignal | undefined;
  /** Armoured public keys instead of the project's keyring. */
  keys?: string | undefined;
  attempts?: number | undefined;
  backoffMs?: number | undefined;
  stallMs?: number | undefined;
  /** Called before each pause after a network error, with the reason. */
  onRetry?: ((reason: string) => void) | undefined;
  /** As of a request. */
  onSilence?: RequestOptions['onSilence'];
  onProgress?: ((bytes: number, total: number | undefined) => void) | undefined;
}

/** gzip first: Node inflates it natively, ten times faster than xz, for a third more to load. */
const formats = ['.gz', '.xz', ''] as const;

/** Earlier states of an index are of no use once a newer one is there. */
async function removeOthers(file: string, prefix: string): Promise<void> {
  for (const name of await readdir(dirname(file))) {
    if (!name.startsWith(prefix) || name.startsWith(basename(file))) continue;
    await rm(join(dirname(file), name), { force: true });
  }
}

async function fetchText(release: Release, options: OpenIndexOptions): Promise<Buffer> {
  const folder = `main/binary-${options.arch}`;
  const extension = formats.find((format) => release.files.has(`${folder}/Packages${format}`));
  const listed = release.files.get(`${folder}/Packages${extension}`);
  if (extension === undefined || listed === undefined) {
    throw new MvmError(
      'INDEX_INVALID',
      `The index of ${release.codename} lists no packages for ${options.arch}.`,
    );
  }
  const base = `${options.mirror.url}/dists/${release.codename}/${folder}`;
  const file = join(
    options.cacheDir,
    'index',
    `${release.codename}-${options.arch}-${listed.sha256.slice(0, 16)}${extension}`,
  );
  const load = (url: string): Promise<void> =>
    download({ ...options, ...listed, proxy: options.mirror.proxy, url, file });
  const plain = `${base}/Packages${extension}`;
  if (release.byHash) {
    await load(`${base}/by-hash/SHA256/${listed.sha256}`).catch((error: unknown) => {
      // Some caching mirrors don't carry the by-hash names.
      if (error instanceof MvmError && error.code === 'DOWNLOAD_FAILED') return load(plain);
      throw error;
    });
  } else await load(plain);
  const packed = await readFile(file);
  await removeOthers(file, `${release.codename}-${options.arch}-`);
  try {
    return extension === '.gz'
      ? await gunzip(packed)
      : extension === '.xz'
        ? await decompressXz(packed, file)
        : packed;
  } catch (error) {
    await rm(file, { force: true });
    throw new MvmError('INDEX_INVALID', `Can't decompress ${file}.`, { cause: error });
  }
}

/**
 * Opens the index of a suite's packages: loads and verifies its signed list, then the package index it
 * names. Both are kept in the cache and used from there, with a note, when the mirror can't be reached.
 * Throws MIRROR_UNREACHABLE, SIGNATURE_INVALID, INDEX_INVALID, CHECKSUM_MISMATCH, STATE_WRITE.
 */
export async function openIndex(options: OpenIndexOptions): Promise<PackageIndex> {
  const suite = options.suite ?? stable;
  const { release, keep } = await fetchRelease({ ...options, suite, emit: options.emit ?? silent });
  const text: IndexText = indexText(await fetchText(release, options));
  await keep();
  return {
    mirror: options.mirror,
    cacheDir: options.cacheDir,
    arch: options.arch,
    suite,
    date: release.date,
    get(name) {
      const stanza = text.stanza(name);
      return stanza === undefined ? undefined : toRecord(stanza, name);
    },
    names: () => text.names(),
    providers: (virtual) => text.providers(virtual),
  };
}
