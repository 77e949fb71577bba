import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { MvmError, systemCode } from '../../errors/mvm-error.ts';
import { storedDigests, storedDir, storedName } from '../../image/store/layout.ts';
import { imagesDir } from '../../state/paths.ts';
import type { Context } from '../context.ts';

/** An image named on the command line. */
export interface NamedImage {
  dir: string;
  /** What its image.json's SHA-256 has to be, where that is known. */
  digest: string | undefined;
}

/**
 * The image that is meant by a folder, by the beginning of a digest (`mvmctl images` shows them), or by the name of
 * a VM, whose last boot's image it then is. Whatever looks like a path is one; a VM's name comes before a digest.
 * @throws MvmError USAGE where there is none, or more than one
 */
export async function findImage(context: Context, asked: string): Promise<NamedImage> {
  if (isPath(asked)) return folder(resolve(context.cwd, asked));
  const { listVms } = await import('../../vm/state/list.ts');
  const vm = (await listVms(context.paths)).find(({ name }) => name === asked);
  if (vm?.boot !== undefined) return folder(vm.boot.image);
  const stored = storedImages(context, asked);
  if (stored.length > 0) return only(stored, asked);
  const here = resolve(context.cwd, asked);
  if (await exists(join(here, 'image.json'))) return folder(here);
  throw new MvmError('USAGE', `'${asked}' is not a folder, a VM, or the start of an image's digest.`, {
    hint: 'mvmctl images',
  });
}

/** Whatever looks like a path is one, and names no VM and no digest. */
export function isPath(asked: string): boolean {
  return asked.includes('/') || asked === '.' || asked === '..';
}

/** Whether there is an image that is meant, or several: a digest in the cache begins like that, or a folder is one. */
export async function isImage(context: Context, asked: string): Promise<boolean> {
  return storedImages(context, asked).length > 0 || exists(join(resolve(context.cwd, asked), 'image.json'));
}

/**
 * The image in the cache whose digest begins like that.
 * @throws MvmError USAGE where there is none, or more than one
 */
export function imageByDigest(context: Context, asked: string): StoredName {
  return only(storedImages(context, asked), asked);
}

interface StoredName {
  dir: string;
  digest: string;
}

function storedImages(context: Context, asked: string): StoredName[] {
  const store = imagesDir(context.paths);
  const digests = asked === '' ? [] : storedDigests(store).filter((digest) => digest.startsWith(asked));
  return digests.map((digest) => ({ dir: storedDir(store, digest), digest }));
}

function only(found: readonly StoredName[], asked: string): StoredName {
  const [image, other] = found;
  if (image !== undefined && other === undefined) return image;
  const what = image === undefined ? 'No image begins' : `${found.length} images begin`;
  throw new MvmError('USAGE', `${what} with '${asked}'.`, { hint: 'mvmctl images' });
}

/** A folder of the cache has its image's digest in its name. */
function folder(dir: string): NamedImage {
  return { dir, digest: storedName.exec(dir.slice(dir.lastIndexOf('/') + 1))?.[1] };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => {
      if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return false;
      throw error;
    },
  );
}
