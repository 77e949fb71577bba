import { closeSync, constants, fstatSync, ftruncateSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemCode } from '../../errors/mvm-error.ts';
import { systemError } from '../tree/system-error.ts';
import type { Attributes, Names, Tree } from '../tree/tree.ts';
import { readFrom, readIfThere } from './read.ts';

/** Whether the host may have this content. */
export type Check = (bytes: Buffer) => boolean;

/** So many at once; the oldest are given up. */
const most = 64;
let count = 0;

interface Checked {
  path: Names;
  /** A file without a name, which the guest has in place of the host's. */
  fd: number;
  check: Check;
  /** Its size and time when it was last looked at. */
  seen: string;
}

/**
 * Files whose content is checked before the host gets it, though programs write them in place, at any pace: the guest writes into
 * a file of its own and reads that, and the host's is given the bytes whenever they are harmless as a whole.
 */
export class CheckedFiles {
  readonly #tree: Tree;
  readonly #onRefused: (path: Names) => void;
  readonly #files = new Map<string, Checked>();

  constructor(tree: Tree, onRefused: (path: Names) => void) {
    this.#tree = tree;
    this.#onRefused = onRefused;
  }

  has(path: Names): boolean {
    return this.#files.size > 0 && this.#files.has(path.join('/'));
  }

  /** A descriptor for what the guest has; the caller's. */
  open(path: Names, check: Check): number {
    return again(this.#of(path, check).fd);
  }

  /** The guest has these bytes there from now on; the host, too, where they are harmless. */
  put(path: Names, bytes: Buffer, check: Check): void {
    const { fd } = this.#of(path, check);
    replace(fd, bytes);
    this.settle();
  }

  /** A descriptor for reading what the guest has written, if it has. */
  read(path: Names): number | undefined {
    const file = this.#files.size === 0 ? undefined : this.#files.get(path.join('/'));
    return file === undefined ? undefined : again(file.fd);
  }

  attributes(path: Names, found: Attributes): Attributes {
    const file = this.#files.size === 0 ? undefined : this.#files.get(path.join('/'));
    if (file === undefined) return found;
    const { size, mtimeNs, ctimeNs } = fstatSync(file.fd, { bigint: true });
    return { ...found, size: Number(size), mtimeNs, ctimeNs };
  }

  /** Gives the host what is harmless by now. */
  settle(): void {
    for (const file of this.#files.values()) {
      const stamp = stampOf(file.fd);
      if (stamp === file.seen) continue;
      file.seen = stamp;
      const bytes = readFrom(file.fd);
      if (bytes === undefined || !file.check(bytes)) continue;
      try {
        const fd = this.#tree.open(file.path, 'write');
        try {
          replace(fd, bytes);
        } finally {
          closeSync(fd);
        }
      } catch (error) {
        // It is gone on the host.
        if (systemCode(error) === undefined) throw error;
      }
    }
  }

  /** Whoever has such a file open writes into one that nobody has. */
  forget(path: Names): void {
    if (this.#files.size === 0) return;
    const key = path.join('/');
    for (const [other, file] of this.#files)
      if (key === '' || other === key || other.startsWith(`${key}/`)) this.#drop(other, file);
  }

  close(): void {
    this.settle();
    this.forget([]);
  }

  #of(path: Names, check: Check): Checked {
    const key = path.join('/');
    const known = this.#files.get(key);
    if (known !== undefined) return known;
    const fd = nameless();
    const file = { path, fd, check, seen: '' };
    this.#files.set(key, file);
    replace(fd, readIfThere(this.#tree, path) ?? Buffer.alloc(0));
    file.seen = stampOf(fd);
    for (const [oldest, other] of this.#files) {
      if (this.#files.size <= most) break;
      this.#drop(oldest, other);
    }
    return file;
  }

  #drop(key: string, file: Checked): void {
    this.settle();
    const bytes = readFrom(file.fd);
    if (bytes === undefined || !file.check(bytes)) this.#onRefused(file.path);
    this.#files.delete(key);
    closeSync(file.fd);
  }
}

function stampOf(fd: number): string {
  const { size, mtimeNs, ctimeNs } = fstatSync(fd, { bigint: true });
  return `${size}:${mtimeNs}:${ctimeNs}`;
}

function nameless(): number {
  const path = join(tmpdir(), `.mvm-checked-${process.pid}-${Date.now()}-${count++}`);
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
  unlinkSync(path);
  return fd;
}

/** Another descriptor for the same file. */
function again(fd: number): number {
  for (const folder of ['/proc/self/fd', '/dev/fd']) {
    try {
      return openSync(`${folder}/${fd}`, constants.O_RDWR);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
    }
  }
  throw systemError('EACCES', 'open');
}

function replace(fd: number, bytes: Buffer): void {
  ftruncateSync(fd, 0);
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, at);
}
