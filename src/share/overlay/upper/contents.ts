import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { OpenFolder } from '../../../copy/open-folder.ts';
import { systemCode } from '../../../errors/mvm-error.ts';
import { systemError } from '../../tree/system-error.ts';

const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;

/** The contents of changed files, each named by its node's id. */
export class Contents {
  readonly folder: OpenFolder;

  constructor(path: Buffer) {
    this.folder = new OpenFolder(path);
  }

  at(id: number): Buffer {
    return this.folder.at(Buffer.from(id.toString(36)));
  }

  create(id: number): number {
    this.remove(id);
    return openSync(this.at(id), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  }

  /** Throws EIO where it is not there as it was made. */
  open(id: number, access: 'read' | 'write'): number {
    try {
      const flags = (access === 'read' ? O_RDONLY : O_RDWR) | O_NOFOLLOW | O_NONBLOCK;
      const fd = openSync(this.at(id), flags);
      if (fstatSync(fd).isFile()) return fd;
      closeSync(fd);
    } catch (error) {
      if (!['ENOENT', 'ELOOP', 'EISDIR', 'ENXIO'].includes(systemCode(error) ?? '')) throw error;
    }
    throw systemError('EIO', 'open');
  }

  remove(id: number): void {
    try {
      unlinkSync(this.at(id));
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
    }
  }

  /** Removes what a process that was killed had not noted, or had noted as gone. */
  keepOnly(isUsed: (id: number) => boolean): void {
    for (const name of readdirSync(this.folder.at(Buffer.from('.')), { encoding: 'latin1' })) {
      const id = Number.parseInt(name, 36);
      if (id.toString(36) === name && isUsed(id)) continue;
      try {
        unlinkSync(this.folder.at(Buffer.from(name, 'latin1')));
      } catch {
        // Nothing refers to it.
      }
    }
  }

  close(): void {
    this.folder.close();
  }
}

/** What has no more than this is read to look for holes in it. */
const piece = 1 << 20;
const zeros = Buffer.alloc(4096);

/**
 * Makes a file with the content of an open one, as a clone where the file system can, and without what is a hole in it. Only its
 * user may read and write it.
 */
export function copyContent(source: number, target: Buffer): void {
  const { size, blocks } = fstatSync(source);
  const from = `/proc/self/fd/${source}`;
  if (size === 0 || blocks * 512 < size) copyHoles(source, from, target, size);
  else copyFileSync(from, target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  // Node gives it the permissions of the first.
  chmodSync(target, 0o600);
}

function copyHoles(source: number, from: string, target: Buffer, size: number): void {
  if (size > 0) {
    try {
      copyFileSync(from, target, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL);
      return;
    } catch (error) {
      // This file system can't.
      if (systemCode(error) === 'EEXIST') throw error;
    }
  }
  const fd = openSync(target, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    if (!isHole(source)) copySparsely(source, fd);
    if (fstatSync(fd).size < size) ftruncateSync(fd, size);
  } finally {
    closeSync(fd);
  }
}

/** Some file systems count the blocks of a file late. */
function isHole(fd: number): boolean {
  if (fstatSync(fd).blocks > 0) return false;
  fsyncSync(fd);
  return fstatSync(fd).blocks === 0;
}

function copySparsely(source: number, target: number): void {
  const bytes = Buffer.allocUnsafe(piece);
  for (let at = 0; ; ) {
    const n = readSync(source, bytes, 0, piece, at);
    if (n === 0) return;
    for (let from = 0; from < n; ) {
      let to = from;
      while (to < n && !isZero(bytes, to, n)) to = Math.min(to + zeros.length, n);
      for (let put = from; put < to; ) put += writeSync(target, bytes, put, to - put, at + put);
      from = to;
      while (from < n && isZero(bytes, from, n)) from = Math.min(from + zeros.length, n);
    }
    at += n;
  }
}

function isZero(bytes: Buffer, at: number, end: number): boolean {
  const length = Math.min(zeros.length, end - at);
  return bytes.compare(zeros, 0, length, at, at + length) === 0;
}
