import { createWriteStream, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { writeError } from '../errors/file-error.ts';
import { makeDir } from '../state/make-dir.ts';
import { readPieces } from './read-entry.ts';
import { entryPath, type Source } from './source-entry.ts';
import { linkTarget } from './tar-source.ts';

/**
 * Copies a source to an empty folder, as the tar stream of it would be unpacked. Throws SOURCE_INVALID where a
 * file is no longer what it was when the source was looked at, STATE_WRITE, and the signal's reason.
 */
export async function copySource(
  source: Pick<Source, 'root' | 'entries'>,
  to: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    for (const entry of source.entries) {
      const from = entryPath(source, entry);
      const path = join(to, entry.path);
      makeDir(entry.kind === 'folder' ? path : dirname(path));
      if (entry.kind === 'link') symlinkSync(linkTarget(from), path);
      if (entry.kind !== 'file') continue;
      const mode = entry.executable ? 0o755 : 0o644;
      const pieces = Readable.from(readPieces(from, entry, signal), { objectMode: false });
      await pipeline(pieces, createWriteStream(path, { flags: 'wx', mode }), { signal });
    }
  } catch (error) {
    signal.throwIfAborted();
    throw writeError(error, to);
  }
}
