import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import zlib from 'node:zlib';
import { extract } from 'tar-stream';
import { MvmError, systemCode } from '../../errors/mvm-error.ts';
import { download } from '../download/fetch.ts';
import type { RequestOptions } from '../download/http.ts';
import type { PackageIndex } from '../index/packages.ts';
import type { PackageRecord } from '../index/record.ts';
import { xzChunks } from '../xz.ts';
import { type Member, readMembers } from './ar.ts';
import { type Entry, type EntryHeader, toEntryHeader } from './entry.ts';

export interface FetchPackageOptions {
  signal?: AbortSignal | undefined;
  onProgress?: ((bytes: number, total: number | undefined) => void) | undefined;
  onRetry?: ((reason: string) => void) | undefined;
  onSilence?: RequestOptions['onSilence'];
  attempts?: number | undefined;
  backoffMs?: number | undefined;
  stallMs?: number | undefined;
}

/**
 * The path of the package's file in the cache, loaded if it isn't there with the right checksum. Throws
 * CHECKSUM_MISMATCH, MIRROR_UNREACHABLE, DOWNLOAD_FAILED, STATE_WRITE.
 */
export async function fetchPackage(
  index: Pick<PackageIndex, 'mirror' | 'cacheDir'>,
  record: PackageRecord,
  options: FetchPackageOptions = {},
): Promise<string> {
  const { name, version, architecture, sha256, size } = record;
  const file = join(index.cacheDir, 'pool', `${name}_${version.replaceAll(':', '%3a')}_${architecture}.deb`);
  const url = `${index.mirror.url}/${record.filename}`;
  await download({ ...options, url, file, sha256, size, proxy: index.mirror.proxy });
  return file;
}

/** The package's data archive; checks what deb(5) says of the members before it. */
async function findData(path: string): Promise<Member> {
  const file = await open(path).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error;
    throw new MvmError('PACKAGE_INVALID', `The package file ${path} does not exist.`, { cause: error });
  });
  try {
    const members = await readMembers(file, (await file.stat()).size, path);
    const first = members[0];
    const format = Buffer.alloc(4);
    if (first !== undefined) await file.read(format, 0, Math.min(4, first.size), first.offset);
    if (first?.name !== 'debian-binary' || !format.toString('latin1').startsWith('2.')) {
      throw new MvmError('PACKAGE_INVALID', `${path} is not a Debian package of format 2.`);
    }
    const data = members.find((member) => /^data\.tar(\.|$)/.test(member.name));
    if (data !== undefined) return data;
    throw new MvmError('PACKAGE_INVALID', `${path} has no data archive.`);
  } finally {
    await file.close();
  }
}

function decompressed(path: string, member: Member): Readable {
  const { offset, size, name } = member;
  const raw =
    size === 0
      ? Readable.from([])
      : createReadStream(path, { start: offset, end: offset + size - 1, highWaterMark: 1 << 18 });
  const through = (stream: NodeJS.ReadWriteStream): Readable =>
    pipeline(raw, stream, () => {}) as unknown as Readable;
  if (name === 'data.tar') return raw;
  if (name === 'data.tar.gz') return through(zlib.createGunzip());
  if (name === 'data.tar.zst') return through(zlib.createZstdDecompress());
  if (name === 'data.tar.xz')
    return Readable.from(xzChunks(raw, path), { objectMode: false, highWaterMark: 1 << 18 });
  raw.destroy();
  throw new MvmError('PACKAGE_INVALID', `${path} has an unsupported compression: ${name}.`);
}

function unreadable(path: string, error: unknown): unknown {
  if (error instanceof MvmError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new MvmError('PACKAGE_INVALID', `Can't unpack ${path}: ${message}.`, {
    cause: error,
    hint: `rm ${path}`,
  });
}

/**
 * The files of a package in the order of its archive, without unpacking it to disk. What an entry holds can
 * be read until the next one is asked for. Throws PACKAGE_INVALID.
 */
export async function* readPackage(path: string): AsyncGenerator<Entry> {
  const source = decompressed(path, await findData(path));
  const archive = extract();
  // The iterator reports what goes wrong; the pipeline only has to end both streams.
  pipeline(source, archive, () => {});
  try {
    for await (const stream of archive) {
      const chunks = async function* (): AsyncGenerator<Buffer> {
        try {
          for await (const chunk of stream) yield chunk as Buffer;
        } catch (error) {
          throw unreadable(path, error);
        }
      };
      const read = async (): Promise<Buffer> => {
        const parts: Buffer[] = [];
        for await (const chunk of chunks()) parts.push(chunk);
        return Buffer.concat(parts);
      };
      yield { ...toEntryHeader(stream.header, path), read, chunks };
      stream.resume();
    }
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    archive.destroy();
    source.destroy();
  }
}

/** An entry with its content in memory. */
export interface ExtractedEntry extends EntryHeader {
  data: Buffer;
}

/** The entries whose path is wanted, by path, with their content. Throws PACKAGE_INVALID. */
export async function extractFiles(
  path: string,
  wanted: (path: string) => boolean,
): Promise<Map<string, ExtractedEntry>> {
  const found = new Map<string, ExtractedEntry>();
  for await (const { read, chunks: _, ...header } of readPackage(path)) {
    if (wanted(header.path)) found.set(header.path, { ...header, data: await read() });
  }
  return found;
}
