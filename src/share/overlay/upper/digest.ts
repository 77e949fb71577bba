import { createHash } from 'node:crypto';
import { fstatSync, readSync } from 'node:fs';

/** Of bigger files no digest is taken, in bytes: the guest waits for it. */
const most = 1 << 20;

/** SHA-256 of an open file's content; undefined where it is too big. */
export function digestOf(fd: number, limit = most): string | undefined {
  if (fstatSync(fd).size > limit) return undefined;
  const hash = createHash('sha256');
  const bytes = Buffer.allocUnsafe(65_536);
  for (let at = 0; ; ) {
    const n = readSync(fd, bytes, 0, bytes.length, at);
    if (n === 0) return hash.digest('base64');
    hash.update(bytes.subarray(0, n));
    at += n;
  }
}

export const digestOfText = (text: Buffer): string => createHash('sha256').update(text).digest('base64');
