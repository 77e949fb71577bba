import { posix } from 'node:path';
import type { Emit } from '../../events/events.ts';
import { findImage, recordBuild, type StoredImage } from '../../image/store/store.ts';
import {
  type BuildInputs,
  fingerprint,
  readFingerprint,
  remoteFingerprint,
} from '../../project/fingerprint.ts';
import { loadReadList, mayDependOnAll, saveReadList } from '../../project/read-list.ts';
import type { Source } from '../../project/source-entry.ts';

/** A build of a flake, by what decides its result. */
export interface Build {
  inputs: BuildInputs;
  /** The flake's folder, or its reference. */
  project: string;
  /** Of a local flake. */
  source: Source | undefined;
}

export interface KnownOptions {
  /** Where images are. */
  store: string;
  /** Where notes on projects are. */
  cacheDir: string;
  emit: Emit;
  signal: AbortSignal;
}

/**
 * The image of a build that has been made before: of the very same source, or of one whose files that the last build read
 * were the same. Throws SOURCE_INVALID, STATE_WRITE, the signal's reason.
 * @param exact the build's `exactPrint`
 */
export async function knownImage(
  { inputs, project, source }: Build,
  exact: string,
  options: KnownOptions,
): Promise<StoredImage | undefined> {
  const { store, emit } = options;
  const image = await findImage(store, exact, { emit });
  if (image !== undefined || source === undefined) return image;
  const read = await loadReadList(source, inputs, options.cacheDir);
  if (read === undefined) return undefined;
  const same = await findImage(store, await readFingerprint(source, inputs, { read, ...options }), { emit });
  if (same === undefined) return undefined;
  await recordBuild(store, same.digest, { fingerprint: exact, project, profile: inputs.profile });
  return same;
}

/** What distinguishes a build from all others. Throws as `knownImage` does. */
export function exactPrint({ inputs, project, source }: Build, options: KnownOptions): Promise<string> {
  if (source === undefined) return Promise.resolve(remoteFingerprint(project, inputs));
  return fingerprint(source, inputs, options);
}

/**
 * Notes what a build read, so that its image is known again where only other files have changed.
 * @param traced paths of the source's files; undefined if unknown
 */
export async function noteReads(
  { inputs, project, source }: Build,
  image: StoredImage,
  traced: ReadonlySet<string> | undefined,
  options: KnownOptions,
): Promise<void> {
  if (source === undefined || traced === undefined) return;
  // A lock file that this build led to was not there to be read.
  const read = new Set([...traced, posix.join(source.subfolder, 'flake.lock')]);
  if (await mayDependOnAll(source, read)) return;
  const print = await readFingerprint(source, inputs, { read, ...options });
  await recordBuild(options.store, image.digest, { fingerprint: print, project, profile: inputs.profile });
  await saveReadList(source, inputs, read, options.cacheDir);
}
