import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { systemCode } from '../../errors/mvm-error.ts';
import { recordFile } from '../../state/record.ts';

/** The folder of an image is named after the SHA-256 of its image.json, which has those of all other files. */
export const storedName = /^sha256-([0-9a-f]{64})$/;

export function storedDir(store: string, digest: string): string {
  return join(store, `sha256-${digest}`);
}

/** The digests of all images in the store, whole or damaged, in order. */
export function storedDigests(store: string): string[] {
  try {
    return readdirSync(store)
      .map((name) => storedName.exec(name)?.[1])
      .filter((digest) => digest !== undefined)
      .sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

export function buildsDir(store: string): string {
  return join(store, 'builds');
}

export function buildFile(store: string, fingerprint: string): string {
  if (!/^[0-9a-f]{16,64}$/.test(fingerprint)) throw new RangeError(`no fingerprint: '${fingerprint}'`);
  return join(buildsDir(store), `${fingerprint}.json`);
}

const buildSchema = v.object({
  /** Digest of the image that came out. */
  image: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  /** The project's folder. */
  project: v.string(),
  profile: v.string(),
  /** ISO 8601. */
  builtAt: v.string(),
});

/** A build that led to an image; by its fingerprint. */
export type BuildRecord = v.InferOutput<typeof buildSchema>;

export const buildRecords = recordFile({ what: 'build record', version: 1, schema: buildSchema });
