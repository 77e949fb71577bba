import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../errors/mvm-error.ts';

const name = 'keys/debian-archive-keyring.asc';
// From this file in a checkout and from a bundle in the package's dist folder.
const places = ['../..', '..'].map((up) => join(import.meta.dirname, up, name));

/** The keys that sign Debian's archive, armoured, as the project carries them. */
export async function archiveKeys(): Promise<string> {
  for (const place of places) {
    try {
      return await readFile(place, 'utf8');
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
    }
  }
  throw new Error(`${name} is missing from this installation`);
}
