import { readlinkSync } from 'node:fs';
import { Readable } from 'node:stream';
import { MvmError, systemCode } from '../errors/mvm-error.ts';
import { readPieces, readSmall, smallFile } from './read-entry.ts';
import { entryPath, type Source, type SourceEntry } from './source-entry.ts';
import { padding, tarEnd, tarHeader } from './tar-header.ts';

/** Bytes that small files are gathered to before they are handed on. */
const pieceSize = 131_072;

/**
 * A source as a tar stream: the same bytes for the same files, no matter who owns them and when they were
 * written. Holds less than a megabyte at a time. Its error is SOURCE_INVALID where a file can't be read or
 * is no longer what it was when the source was looked at, or the signal's reason.
 */
export function tarStream(source: Pick<Source, 'root' | 'entries'>, signal: AbortSignal): Readable {
  return Readable.from(gathered(source, signal), { objectMode: false, highWaterMark: pieceSize });
}

async function* gathered(
  source: Pick<Source, 'root' | 'entries'>,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let bytes = 0;
  for await (const piece of pieces(source, signal)) {
    signal.throwIfAborted();
    held.push(piece);
    bytes += piece.length;
    if (bytes < pieceSize) continue;
    yield Buffer.concat(held, bytes);
    held = [];
    bytes = 0;
  }
  yield Buffer.concat(held, bytes);
}

async function* pieces(
  source: Pick<Source, 'root' | 'entries'>,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  signal.throwIfAborted();
  for (const entry of source.entries) {
    const path = entryPath(source, entry);
    yield header(entry, path);
    if (entry.kind !== 'file') continue;
    if (entry.size <= smallFile) yield readSmall(path, entry);
    else yield* readPieces(path, entry, signal);
    yield padding(entry.size);
  }
  yield tarEnd;
}

function header({ path: name, kind: type, size, executable }: SourceEntry, path: string): Buffer {
  if (type === 'link') return tarHeader({ name, type, size: 0, mode: 0o777, target: linkTarget(path) });
  return tarHeader({ name, type, size, mode: executable || type === 'folder' ? 0o755 : 0o644 });
}

/** Where a link points. Throws SOURCE_INVALID when it is none any more. */
export function linkTarget(path: string): string {
  try {
    return readlinkSync(path);
  } catch (cause) {
    if (!['ENOENT', 'EINVAL', 'ENOTDIR'].includes(systemCode(cause) ?? '')) throw cause;
    throw new MvmError('SOURCE_INVALID', `${path} changed while it was being read.`, { cause });
  }
}
