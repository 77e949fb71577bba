import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { readContentCache, writeContentCache } from './content-cache.ts';
import { readPieces, readSmall, smallFile } from './read-entry.ts';
import { isSettled } from './settled.ts';
import { entryPath, type Source, type SourceEntry } from './source-entry.ts';
import { linkTarget } from './tar-source.ts';

/** What determines an image besides the project's files. `undefined` and absent are the same. */
export interface BuildInputs {
  /** Overrides of the flake's inputs by name. */
  inputs?: Readonly<Record<string, string>>;
  /** Version and digest of the library and the prebuilt parts that go with it. */
  library: string;
  profile: string;
  system: string;
}

/**
 * SHA-256 in hex over what decides an image: paths, modes and contents of the source, and `build`. Equal
 * fingerprints mean equal builds, as far as the flake's inputs are locked.
 * @throws MvmError SOURCE_INVALID for a file that can't be read or changes meanwhile; the signal's reason
 */
export async function fingerprint(
  source: Source,
  build: BuildInputs,
  options: { cacheDir: string; signal: AbortSignal },
): Promise<string> {
  return combine([await contentDigest(source, options), source.subfolder], build);
}

/**
 * The same where only these files were read: what the others hold does not count, but their names, kinds and modes do,
 * since a build may ask what is there. Throws as `fingerprint` does.
 */
export async function readFingerprint(
  source: Source,
  build: BuildInputs,
  { read, cacheDir, signal }: { read: ReadonlySet<string>; cacheDir: string; signal: AbortSignal },
): Promise<string> {
  const known = readContentCache(contentPath(source, cacheDir)).files();
  const digest = createHash('sha256');
  for (const entry of source.entries) {
    const isRead = read.has(entry.path);
    const sha256 = isRead ? (known.get(identity(entry)) ?? (await hashEntry(source, entry, signal))) : '-';
    digest.update(line(entry, sha256));
  }
  return combine([digest.digest('hex'), source.subfolder], build);
}

/** The same for a flake that Nix fetches itself, by its reference. */
export function remoteFingerprint(ref: string, build: BuildInputs): string {
  return combine([ref], build);
}

function combine(source: readonly string[], { inputs = {}, library, profile, system }: BuildInputs): string {
  const sorted = Object.entries(inputs).sort(([a], [b]) => (a < b ? -1 : 1));
  const all = JSON.stringify([2, source, sorted, library, profile, system]);
  return createHash('sha256').update(all).digest('hex');
}

/**
 * SHA-256 in hex over the sorted paths, modes and contents of a source. What was hashed before is known by
 * its stat data: where nothing changed, one `lstat` a file (made by `readSource`) and no reading is all it
 * costs. Files so new that their stat data proves nothing are hashed again: see `isSettled`.
 */
export async function contentDigest(
  source: Source,
  { cacheDir, signal }: { cacheDir: string; signal: AbortSignal },
): Promise<string> {
  const started = Date.now();
  const path = contentPath(source, cacheDir);
  const whole = createHash('sha256').update(source.entries.map(identity).join('\n')).digest('hex');
  const cache = readContentCache(path);
  if (cache.whole === whole && cache.digest !== undefined) return cache.digest;
  const known = cache.files();
  const digest = createHash('sha256');
  const next: [stat: string, sha256: string][] = [];
  let settled = true;
  for (const entry of source.entries) {
    const stat = identity(entry);
    const sha256 = known.get(stat) ?? (await hashEntry(source, entry, signal));
    digest.update(line(entry, sha256));
    if (isSettled(entry.ctime, started)) next.push([stat, sha256]);
    else settled = false;
  }
  const result = digest.digest('hex');
  await writeContentCache(path, { entries: next, ...(settled ? { whole, digest: result } : {}) });
  return result;
}

function contentPath(source: Source, cacheDir: string): string {
  const key = createHash('sha256').update(source.root).digest('hex').slice(0, 16);
  return join(cacheDir, `content-${key}`);
}

function line({ kind, executable, path }: SourceEntry, sha256: string): string {
  const mode = kind === 'file' ? (executable ? 'x' : '-') : kind;
  return `${mode} ${sha256} ${path}\0`;
}

/** What stays the same as long as a file is not written, moved or replaced. */
function identity({ path, kind, executable, size, mtime, ctime, inode }: SourceEntry): string {
  return `${kind} ${executable ? 'x' : '-'} ${size} ${mtime} ${ctime} ${inode} ${path}`;
}

async function hashEntry(source: Source, entry: SourceEntry, signal: AbortSignal): Promise<string> {
  const path = entryPath(source, entry);
  const hash = createHash('sha256');
  if (entry.kind === 'link') hash.update(linkTarget(path));
  else if (entry.kind === 'file' && entry.size <= smallFile) {
    signal.throwIfAborted();
    hash.update(readSmall(path, entry));
  } else if (entry.kind === 'file') {
    for await (const piece of readPieces(path, entry, signal)) hash.update(piece);
  }
  return hash.digest('hex');
}
