import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { padding, tarHeader } from './tar-header.ts';

/** A file of a tar stream: its bytes, or where they are. */
export interface TarFile {
  name: string;
  executable?: boolean;
  content: Buffer | { path: string; size: number };
}

/** A tar stream of files in the order given; those on disk are not held in memory. */
export function tarFiles(files: readonly TarFile[]): Readable {
  return Readable.from(gathered(files), { objectMode: false });
}

/** A file's bytes, in pieces. */
export async function* readTarFile({ content }: Pick<TarFile, 'content'>): AsyncGenerator<Buffer> {
  if (Buffer.isBuffer(content)) yield content;
  else for await (const chunk of createReadStream(content.path)) yield chunk as Buffer;
}

async function* gathered(files: readonly TarFile[]): AsyncGenerator<Buffer> {
  for (const file of files) {
    const { name, executable, content } = file;
    const size = Buffer.isBuffer(content) ? content.length : content.size;
    yield tarHeader({ name, type: 'file', mode: executable === true ? 0o755 : 0o644, size });
    yield* readTarFile(file);
    yield padding(size);
  }
  yield Buffer.alloc(1024);
}
