import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MvmError, systemCode } from '../errors/mvm-error.ts';
import { writeAtomic } from '../state/write.ts';
import { digestOfImageJson } from './digest.ts';
import { type Image, loadImage, verifyImage } from './load-image.ts';

/** Beside an image's files: what they looked like when their checksums were found right. */
export const sealName = '.seal';

/** One line for each file: nobody has written to it, moved it or put another in its place since. */
async function look(dir: string, names: readonly string[]): Promise<string> {
  const rows = await Promise.all(
    ['image.json', ...names].sort().map(async (name) => {
      const found = await lstat(join(dir, name), { bigint: true });
      return `${name} ${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}\n`;
    }),
  );
  return rows.join('');
}

/** Notes that the image's checksums are right. Throws STATE_WRITE. */
export async function sealImage(dir: string, names: readonly string[]): Promise<void> {
  await writeAtomic(join(dir, sealName), await look(dir, names));
}

/**
 * Loads an image whose image.json has that digest. Sizes are checked each time; checksums where the files'
 * stat data is not that of the last check, and with `always`. Throws IMAGE_INVALID.
 */
export async function loadSealed(dir: string, digest: string, always: boolean): Promise<Image> {
  const image = await loadImage(dir);
  const names = Object.keys(image.spec.files);
  const seal = await readFile(join(dir, sealName), 'utf8').catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error;
    return undefined;
  });
  if (!always && seal === (await look(dir, names))) return image;
  const path = join(dir, 'image.json');
  if (digestOfImageJson(await readFile(path)) !== digest) {
    throw new MvmError('IMAGE_INVALID', `${path} is damaged: it is not what its folder's name says.`);
  }
  await verifyImage(dir);
  await sealImage(dir, names);
  return image;
}
