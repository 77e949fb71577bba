import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { MvmError } from '../../errors/mvm-error.ts';
import type { FileDigest } from '../digest.ts';

const CHUNK = 1 << 20;

/**
 * Reads a file once, from its beginning to its end: its digest, and each piece for `piece`, which must not keep
 * it. All pieces but the last have `CHUNK` bytes, a whole number of blocks. Throws the signal's reason.
 */
export async function readOnce(
  path: string,
  signal: AbortSignal,
  piece: (bytes: Buffer) => void = () => {},
): Promise<FileDigest> {
  const file = await open(path, 'r');
  try {
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(CHUNK);
    let size = 0;
    for (let ended = false; !ended; ) {
      let filled = 0;
      while (filled < CHUNK && !ended) {
        const { bytesRead } = await file.read(buffer, filled, CHUNK - filled, size + filled);
        if (bytesRead === 0) ended = true;
        filled += bytesRead;
      }
      signal.throwIfAborted();
      if (filled === 0) break;
      const bytes = buffer.subarray(0, filled);
      hash.update(bytes);
      piece(bytes);
      size += filled;
    }
    return { sha256: hash.digest('hex'), size };
  } finally {
    await file.close();
  }
}

/** Larger than any kernel or initrd. */
const mostBytes = 1 << 29;

/** As `readOnce`, and the content. Throws IMAGE_INVALID for more than 512 MiB. */
export async function readWhole(
  path: string,
  signal: AbortSignal,
): Promise<{ digest: FileDigest; bytes: Buffer }> {
  const parts: Buffer[] = [];
  let size = 0;
  const digest = await readOnce(path, signal, (bytes) => {
    size += bytes.length;
    if (size > mostBytes) throw new MvmError('IMAGE_INVALID', `${path} is too large to check.`);
    parts.push(Buffer.from(bytes));
  });
  return { digest, bytes: Buffer.concat(parts) };
}
