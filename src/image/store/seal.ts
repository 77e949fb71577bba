import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MvmError } from '../../errors/mvm-error.ts';
import { lookOf } from '../../state/look.ts';
import { writeAtomic } from '../../state/write.ts';
import { digestOfImageJson } from '../digest.ts';
import { type Image, loadImage, verifyImage } from '../load-image.ts';

/** Beside an image's files: what they looked like when their checksums were found right. */
export const sealName = '.seal';

const look = (dir: string, names: readonly string[]): Promise<string> =>
  lookOf(dir, ['image.json', ...names]);

/** Notes that the image's checksums are right. Throws STATE_WRITE. */
export async function sealImage(dir: string, names: readonly string[]): Promise<void> {
  const digest = digestOfImageJson(await readFile(join(dir, 'image.json')));
  await writeAtomic(join(dir, sealName), `${digest}\n${await look(dir, names)}`);
}

/**
 * Loads an image as it was when it was sealed. Sizes are checked each time; checksums where the files' stat data is
 * not that of the last check, and with `always`. Throws IMAGE_INVALID.
 * @param digest of its image.json; undefined if only the seal, if there is one, has it
 */
export async function loadSealed(dir: string, digest: string | undefined, always: boolean): Promise<Image> {
  const image = await loadImage(dir);
  const names = Object.keys(image.spec.files);
  // One that can't be read is as good as none.
  const seal = await readFile(join(dir, sealName), 'utf8').catch(() => '');
  const [sealed = '', looks] = [seal.slice(0, seal.indexOf('\n')), seal.slice(seal.indexOf('\n') + 1)];
  const wanted = digest ?? (/^[0-9a-f]{64}$/.test(sealed) ? sealed : undefined);
  if (!always && sealed === wanted && looks === (await look(dir, names))) return image;
  const path = join(dir, 'image.json');
  if (wanted !== undefined && digestOfImageJson(await readFile(path)) !== wanted) {
    throw new MvmError('IMAGE_INVALID', `${path} is damaged: it is not what was stored.`);
  }
  await verifyImage(dir);
  // A cache that can't be written to can still be read, only slower.
  await sealImage(dir, names).catch((error: unknown) => {
    if (!(error instanceof MvmError)) throw error;
  });
  return image;
}
