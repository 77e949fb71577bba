import {
  type BigIntStats,
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  lstatSync,
  opendirSync,
  openSync,
  readlinkSync,
} from 'node:fs';
import { MvmError, systemCode } from '../errors/mvm-error.ts';
import { shellWord } from '../errors/shell-word.ts';
import { unreadable } from './failure.ts';
import { readContent } from './local-content.ts';
import { followNone, OpenFolder } from './open-folder.ts';
import { createPieces, type Pieces } from './pieces.ts';
import * as records from './records.ts';
import type { OnSkipped, Source } from './source.ts';

/** Names of a folder that are read at once. */
const listed = 512;

export interface LocalSourceOptions {
  /** It ends in a slash: a folder, also where that is a link. */
  slash: boolean;
  recursive: boolean;
  onSkipped: OnSkipped;
  signal: AbortSignal;
}

/**
 * A file or folder of this host. Throws FILE_UNUSABLE, USAGE where it is a folder and may not be, the signal's reason.
 * @param folderRefused makes the error for a folder that may not be
 */
export function openLocalSource(
  path: string,
  options: LocalSourceOptions,
  folderRefused: () => MvmError,
): Source {
  const { slash, recursive, signal } = options;
  const bytes = Buffer.from(path);
  if (recursive && !slash) {
    const stat = attempt(path, () => lstatSync(bytes, { bigint: true }));
    if (stat.isSymbolicLink()) {
      const target = attempt(path, () => readlinkSync(bytes, { encoding: 'buffer' }));
      return {
        kind: 'link',
        async *pieces() {
          yield Buffer.concat([records.encodeSymlink(metaOf(stat), target), records.encodeDone()]);
        },
        async close() {},
      };
    }
  }
  const fd = attempt(path, () => openSync(bytes, constants.O_RDONLY | constants.O_NONBLOCK));
  try {
    const stat = fstatSync(fd, { bigint: true });
    const isFolder = stat.isDirectory();
    if (isFolder && !recursive) throw folderRefused();
    if (slash && !isFolder)
      throw new MvmError('FILE_UNUSABLE', `${path} is not a folder.`, { hint: `ls -ld ${shellWord(path)}` });
    if (!isFolder && !stat.isFile())
      throw new MvmError('FILE_UNUSABLE', `Can't copy ${path}: it is ${special(stat)}.`, {
        hint: `ls -ld ${shellWord(path)}`,
      });
    const walk = createWalk(options);
    let isOpen = true;
    return {
      kind: isFolder ? 'folder' : 'file',
      ...(isFolder ? {} : { size: Number(stat.size) }),
      async *pieces() {
        const out = createPieces(signal);
        if (isFolder) yield* walk.folder(out, new OpenFolder(bytes, true), stat, Buffer.alloc(0), path, 0);
        else yield* walk.file(out, fd, stat, Buffer.alloc(0), path);
        yield* out.add(records.encodeDone());
        yield* out.rest();
      },
      async close() {
        if (isOpen) closeSync(fd);
        isOpen = false;
      },
    };
  } catch (error) {
    closeSync(fd);
    throw error instanceof MvmError ? error : unreadable(path, error);
  }
}

function attempt<T>(path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw unreadable(path, error);
  }
}

type Kinds = Pick<BigIntStats, 'isFIFO' | 'isSocket'>;
const special = (kind: Kinds) => (kind.isFIFO() ? 'a FIFO' : kind.isSocket() ? 'a socket' : 'a device');

function metaOf({ mode, mtimeNs }: BigIntStats): records.Meta {
  const billion = 1_000_000_000n;
  const nanoseconds = ((mtimeNs % billion) + billion) % billion;
  return {
    mode: Number(mode) & records.modeBits,
    seconds: Number((mtimeNs - nanoseconds) / billion),
    nanoseconds: Number(nanoseconds),
  };
}

/** Reads what is in folders. Files with several names get a number when the first of these comes. */
function createWalk({ onSkipped }: LocalSourceOptions) {
  const numbers = new Map<string, number>();

  async function* folder(
    out: Pieces,
    open: OpenFolder,
    stat: BigIntStats,
    name: Buffer,
    path: string,
    depth: number,
  ): AsyncGenerator<Buffer> {
    if (depth === records.maxDepth)
      throw new MvmError(
        'FILE_UNUSABLE',
        `Can't copy ${path}: more than ${depth} folders are in one another.`,
      );
    try {
      yield* out.add(records.encodeFolder(metaOf(stat), name));
      const here = open.at(Buffer.from('.'));
      // Node's types know of names that are text only.
      const list = attempt(path, () =>
        opendirSync(here as never, { encoding: 'buffer' as never, bufferSize: listed }),
      );
      try {
        for (;;) {
          const entry = attempt(path, () => list.readSync()) as unknown as Dirent<Buffer> | null;
          if (entry === null) break;
          yield* one(out, open, entry, `${path.replace(/\/$/, '')}/${entry.name.toString()}`, depth);
        }
      } finally {
        list.closeSync();
      }
      yield* out.add(records.encodeEnd());
    } finally {
      open.close();
    }
  }

  async function* one(
    out: Pieces,
    open: OpenFolder,
    entry: Dirent<Buffer>,
    path: string,
    depth: number,
  ): AsyncGenerator<Buffer> {
    const { name } = entry;
    const at = open.at(name);
    try {
      const stat = lstatSync(at, { bigint: true });
      if (stat.isDirectory()) yield* folder(out, new OpenFolder(at), stat, name, path, depth + 1);
      else if (stat.isSymbolicLink())
        yield* out.add(records.encodeSymlink(metaOf(stat), readlinkSync(at, { encoding: 'buffer' }), name));
      else if (stat.isFile()) yield* opened(out, at, name, path);
      else onSkipped(special(stat), path);
    } catch (error) {
      // Gone since it was listed.
      if (systemCode(error) === 'ENOENT' && !(error instanceof MvmError)) return;
      throw systemCode(error) === undefined ? error : unreadable(path, error);
    }
  }

  async function* opened(out: Pieces, at: Buffer, name: Buffer, path: string): AsyncGenerator<Buffer> {
    const fd = openSync(at, constants.O_RDONLY | followNone);
    try {
      yield* file(out, fd, fstatSync(fd, { bigint: true }), name, path);
    } finally {
      closeSync(fd);
    }
  }

  async function* file(
    out: Pieces,
    fd: number,
    stat: BigIntStats,
    name: Buffer,
    path: string,
  ): AsyncGenerator<Buffer> {
    let number = 0;
    if (stat.nlink > 1n && name.length > 0) {
      const id = `${stat.dev}:${stat.ino}`;
      const known = numbers.get(id);
      if (known !== undefined) return yield* out.add(records.encodeLink(known, name));
      number = numbers.size + 1;
      numbers.set(id, number);
    }
    const size = Number(stat.size);
    yield* out.add(records.encodeFile(metaOf(stat), size, number, name));
    const isSparse = size > 0 && Number(stat.blocks) * 512 < size;
    yield* readContent(out, fd, { path, isSparse, isEndShort: size > 0 });
    yield* out.add(records.encodeEnd());
  }

  return { folder, file };
}
