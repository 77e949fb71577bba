import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileDigest } from '../digest.ts';
import type { ImageJson } from '../image-json.ts';
import { sealName } from '../store/seal.ts';
import { type Check, count, Findings } from './check.ts';

/** The names in an image's folder, and which of them are plain files: nothing else is ever opened. */
export interface Listing {
  plain: Set<string>;
  others: string[];
}

/** Throws Node's system errors. */
export async function listFolder(dir: string): Promise<Listing> {
  const listing: Listing = { plain: new Set(), others: [] };
  for (const name of (await readdir(dir)).sort()) {
    if ((await lstat(join(dir, name))).isFile()) listing.plain.add(name);
    else listing.others.push(name);
  }
  return listing;
}

/** All files are those that image.json names, and there are no others. */
export function checkFiles(
  spec: ImageJson | undefined,
  listing: Listing,
  digests: ReadonlyMap<string, FileDigest>,
): Check {
  const found = new Findings();
  const named: Record<string, FileDigest> = spec?.files ?? {};
  for (const [name, { sha256, size }] of Object.entries(named)) {
    const digest = digests.get(name);
    if (digest === undefined) found.fail(`${name} is missing, or not a regular file`);
    else if (digest.size !== size) found.fail(`${name} has ${digest.size} bytes; image.json says ${size}`);
    else if (digest.sha256 !== sha256) found.fail(`${name} is damaged: its SHA-256 is not image.json’s`);
  }
  if (spec === undefined) found.fail('image.json could not be read: nothing says what the files should be');
  for (const name of listing.plain) {
    if (!Object.hasOwn(named, name) && name !== 'image.json' && name !== sealName)
      found.fail(`${name} is not in image.json`);
  }
  for (const name of listing.others) {
    if (!Object.hasOwn(named, name)) found.fail(`${name} is not in image.json, and is not a regular file`);
  }
  const bytes = [...digests.values()].reduce((sum, { size }) => sum + size, 0);
  return found.check('files', `SHA-256 of ${count(digests.size, 'file')}, ${bytes} bytes`);
}
