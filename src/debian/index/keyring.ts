import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../../errors/mvm-error.ts';

const name = 'keys/debian-archive-keyring.asc';
// From a bundle in the package's dist folder, which looks nowhere else while it has them, and from this file in a checkout.
const places = ['..', '../../..'].map((up) => join(import.meta.dirname, up, name));

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
