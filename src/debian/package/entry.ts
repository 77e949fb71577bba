import type { Header } from 'tar-stream';
import { MvmError } from '../../errors/mvm-error.ts';

export type EntryType = 'file' | 'dir' | 'symlink' | 'hardlink';

export interface EntryHeader {
  /** Relative, without a leading `./` and without `..`; the root folder itself is `.`. */
  path: string;
  type: EntryType;
  /** Permission bits, with set-uid, set-gid and sticky. */
  mode: number;
  uid: number;
  gid: number;
  /** Bytes of content; 0 for all but files. */
  size: number;
  /** Seconds since 1970. */
  mtime: number;
  /** A symlink's target as written (may point anywhere), a hardlink's normalised like `path`. */
  linkname?: string;
}

export interface Entry extends EntryHeader {
  /** The content. Call it before asking for the next entry. Throws PACKAGE_INVALID. */
  read(): Promise<Buffer>;
  /** The same, in pieces. */
  chunks(): AsyncIterable<Buffer>;
}

/** A path out of an archive. Throws PACKAGE_INVALID for one that is absolute or climbs out. */
export function normalisePath(path: string, packageFile: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (path === '' || path.startsWith('/') || parts.includes('..') || path.includes('\0')) {
    throw new MvmError(
      'PACKAGE_INVALID',
      `${packageFile} has a path that leads outside the package: ${JSON.stringify(path)}.`,
    );
  }
  return parts.length === 0 ? '.' : parts.join('/');
}

const types: Record<string, EntryType> = {
  file: 'file',
  'contiguous-file': 'file',
  directory: 'dir',
  symlink: 'symlink',
  link: 'hardlink',
};

/** Throws PACKAGE_INVALID for bad paths and for devices and pipes, which no Debian package may hold. */
export function toEntryHeader(header: Header, packageFile: string): EntryHeader {
  const path = normalisePath(header.name, packageFile);
  const type = types[header.type ?? 'file'];
  if (type === undefined) {
    throw new MvmError('PACKAGE_INVALID', `${packageFile} has ${path}, which is a ${header.type}.`);
  }
  const linkname = header.linkname ?? '';
  return {
    path,
    type,
    mode: (header.mode ?? 0) & 0o7777,
    uid: header.uid ?? 0,
    gid: header.gid ?? 0,
    size: type === 'file' ? (header.size ?? 0) : 0,
    mtime: Math.floor((header.mtime?.getTime() ?? 0) / 1000),
    ...(type === 'symlink' ? { linkname } : {}),
    ...(type === 'hardlink' ? { linkname: normalisePath(linkname, packageFile) } : {}),
  };
}
