import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { accessReason } from '../errors/file-error.ts';
import { MvmError, systemCode } from '../errors/mvm-error.ts';
import { hashFile } from './digest.ts';
import { type ImageJson, parseImageJson } from './image-json.ts';

/** An image on disk. Paths are absolute where `dir` is. */
export interface Image {
  dir: string;
  kernel: string;
  initrd: string;
  /** The root file system, where it is not in the initrd. */
  rootfs?: string;
  /** The hash tree of a root that is verified. */
  verity?: string;
  spec: ImageJson;
}

/** Reads an image's description and checks that its files have the sizes it names. Throws IMAGE_INVALID. */
export async function loadImage(dir: string): Promise<Image> {
  const path = join(dir, 'image.json');
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    if (!['ENOENT', 'ENOTDIR'].includes(systemCode(cause) ?? '')) throw unreadable(path, cause);
    throw new MvmError('IMAGE_INVALID', `${dir} is not an image: it has no image.json.`, { cause });
  });
  const spec = parseImageJson(text, path);
  for (const [name, { size }] of Object.entries(spec.files)) {
    const file = join(dir, name);
    const found = await stat(file).catch((cause: unknown) => {
      if (systemCode(cause) !== 'ENOENT') throw unreadable(file, cause);
      throw new MvmError('IMAGE_INVALID', `The image is incomplete: ${file} is missing.`, { cause });
    });
    if (!found.isFile()) throw new MvmError('IMAGE_INVALID', `${file} is not a file.`);
    if (found.size !== size) {
      throw new MvmError('IMAGE_INVALID', `${file} has ${found.size} bytes; its image.json says ${size}.`);
    }
  }
  return {
    dir,
    kernel: join(dir, 'kernel'),
    initrd: join(dir, 'initrd'),
    spec,
    ...('rootfs.erofs' in spec.files ? { rootfs: join(dir, 'rootfs.erofs') } : {}),
    ...('rootfs.verity' in spec.files ? { verity: join(dir, 'rootfs.verity') } : {}),
  };
}

function unreadable(path: string, cause: unknown): MvmError {
  return new MvmError('IMAGE_INVALID', `${path} can't be read: ${accessReason(cause)}.`, { cause });
}

/** As `loadImage`, and checks every file's SHA-256. Throws IMAGE_INVALID naming the first wrong one. */
export async function verifyImage(dir: string): Promise<Image> {
  const image = await loadImage(dir);
  for (const [name, { sha256 }] of Object.entries(image.spec.files)) {
    const file = join(dir, name);
    if ((await hashFile(file)) !== sha256) {
      throw new MvmError('IMAGE_INVALID', `${file} is damaged: it is not what its image.json says.`);
    }
  }
  return image;
}
