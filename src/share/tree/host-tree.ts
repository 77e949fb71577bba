import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  statfsSync,
  symlinkSync,
  unlinkSync,
  watch,
} from 'node:fs';
import { followNone } from '../../copy/open-folder.ts';
import { systemCode } from '../../errors/mvm-error.ts';
import { Folders } from './folders.ts';
import { systemError } from './system-error.ts';
import { type Attributes, type Entry, type Names, settable, type Tree } from './tree.ts';

/** A descriptor that only names a file (open(2), O_PATH): nothing happens to a device or a pipe that is opened so. */
export const onlyName = 0o10000000;

/** The folder at this path of the host, as it is. */
export class HostTree implements Tree {
  readonly #folders: Folders;

  constructor(root: string) {
    this.#folders = new Folders(Buffer.from(root));
  }

  stat(path: Names): Attributes {
    const found = lstatSync(this.#folders.at(path), { bigint: true });
    return {
      // A number is given to another file as soon as the one that had it is gone.
      identity: `${found.dev}:${found.ino}:${found.birthtimeNs}`,
      ino: found.ino,
      mode: Number(found.mode),
      size: Number(found.size),
      nlink: Number(found.nlink),
      blocks: Number(found.blocks),
      rdev: Number(found.rdev),
      atimeNs: found.atimeNs,
      mtimeNs: found.mtimeNs,
      ctimeNs: found.ctimeNs,
    };
  }

  list(path: Names): Entry[] {
    const found = readdirSync(this.#folders.folder(path).at(Buffer.from('.')), {
      withFileTypes: true,
      encoding: 'buffer',
    });
    return found.map((entry) => ({ name: entry.name.toString('latin1'), type: typeOf(entry) }));
  }

  readLink(path: Names): Buffer {
    return readlinkSync(this.#folders.at(path), 'buffer');
  }

  open(path: Names, access: 'read' | 'write'): number {
    return this.#pinned(path, (file, mode) => {
      if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw systemError('EACCES', 'open');
      return openSync(file, access === 'read' ? constants.O_RDONLY : constants.O_RDWR);
    });
  }

  create(path: Names, mode: number): number {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | followNone;
    return openSync(this.#folders.at(path), flags, mode & settable);
  }

  makeFolder(path: Names, mode: number): void {
    mkdirSync(this.#folders.at(path), mode & settable);
    this.#folders.forget(path);
  }

  makeLink(path: Names, text: Buffer): void {
    symlinkSync(text, this.#folders.at(path));
  }

  link(from: Names, to: Names): void {
    linkSync(this.#folders.at(from), this.#folders.at(to));
  }

  rename(from: Names, to: Names, keep: boolean): void {
    const [source, target] = [this.#folders.at(from), this.#folders.at(to)];
    if (keep && lstatSync(target, { throwIfNoEntry: false }) !== undefined)
      throw systemError('EEXIST', 'rename');
    renameSync(source, target);
    this.#folders.forget(from);
    this.#folders.forget(to);
  }

  remove(path: Names): void {
    unlinkSync(this.#folders.at(path));
  }

  removeFolder(path: Names): void {
    rmdirSync(this.#folders.at(path));
    this.#folders.forget(path);
  }

  setMode(path: Names, mode: number): void {
    this.#pinned(path, (file) => chmodSync(file, mode & settable));
  }

  setTimes(path: Names, { atimeNs, mtimeNs }: { atimeNs: bigint; mtimeNs: bigint }): void {
    lutimesSync(this.#folders.at(path), secondsOf(atimeNs), secondsOf(mtimeNs));
  }

  space() {
    const { bsize, blocks, bfree, bavail, files, ffree } = statfsSync(this.#folders.at([]));
    return { blockSize: bsize, blocks, free: bfree, available: bavail, files, freeFiles: ffree };
  }

  watch(path: Names, onChange: (name: string | undefined) => void): { close(): void } | undefined {
    try {
      const folder = this.#folders.folder(path).at(Buffer.from('.'));
      const watcher = watch(folder, { encoding: 'buffer', persistent: false }, (_, name) => {
        const text = name?.toString('latin1');
        // Whatever this was, it may be another folder now.
        if (text !== undefined) this.#folders.forget([...path, text]);
        onChange(text);
      });
      watcher.on('error', () => onChange(undefined));
      return watcher;
    } catch (error) {
      if (['ENOSPC', 'EMFILE', 'ENOSYS'].includes(systemCode(error) ?? '')) return undefined;
      throw error;
    }
  }

  /** Folders were moved by other means than this tree. */
  forget(): void {
    this.#folders.forget([]);
  }

  close(): void {
    this.#folders.close();
  }

  /** Holds the file itself, whatever is done to its name meanwhile. */
  #pinned<T>(path: Names, use: (file: string, mode: number) => T): T {
    const fd = openSync(this.#folders.at(path), onlyName | constants.O_NOFOLLOW);
    try {
      return use(`/proc/self/fd/${fd}`, fstatSync(fd).mode);
    } finally {
      closeSync(fd);
    }
  }
}

/**
 * Node takes seconds as a double, in which times of this century are multiples of 238 ns. A whole microsecond, as many programs set
 * it, gets half of that, so that it is not cut to the one before.
 */
export function secondsOf(ns: bigint): number {
  const seconds = ns / 1_000_000_000n;
  const rest = Number(ns - seconds * 1_000_000_000n);
  return Number(seconds) + (rest % 1000 === 0 ? rest + 119 : rest) / 1e9;
}

function typeOf(entry: { isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean }): number {
  if (entry.isFile()) return constants.S_IFREG;
  if (entry.isDirectory()) return constants.S_IFDIR;
  return entry.isSymbolicLink() ? constants.S_IFLNK : 0;
}
