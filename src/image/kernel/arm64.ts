import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { MvmError } from '../../errors/mvm-error.ts';

/** Offset and value of the magic number: Documentation/arch/arm64/booting.rst. */
const MAGIC_AT = 0x38;
const MAGIC = 'ARM\x64';

/** The raw Image in a kernel file, which is one already or a gzip of one. Throws KERNEL_INVALID. */
export async function extractArm64Kernel(file: Buffer, name: string): Promise<Buffer> {
  let image = file;
  if (file.toString('hex', 0, 2) === '1f8b') {
    try {
      image = await promisify(gunzip)(file);
    } catch (cause) {
      throw new MvmError('KERNEL_INVALID', `The kernel ${name} is damaged: it does not decompress.`, {
        cause,
      });
    }
  }
  if (image.toString('latin1', MAGIC_AT, MAGIC_AT + 4) !== MAGIC) {
    throw new MvmError('KERNEL_INVALID', `The kernel ${name} is not an arm64 Image.`);
  }
  return image;
}
