import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  openSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { systemCode } from '../errors/mvm-error.ts';
import { treeRefused, unwritable } from './failure.ts';
import { followNone } from './open-folder.ts';
import { type Meta, timeOf } from './records.ts';
import { removeTree } from './temporary.ts';

interface Kind {
  /** Of the file that it replaces, where it has no mode of its own. */
  mode: number | undefined;
  /** It is not one of a tree: then the disk has it before it gets its name. */
  isAlone: boolean;
}

/** A file of this host that is being written. Throws STATE_WRITE with its path. */
export class LocalFile {
  readonly #at: Buffer;
  readonly #becomes: Buffer | undefined;
  readonly #path: string;
  readonly #meta: Meta;
  readonly #kind: Kind;
  readonly #fd: number;
  #position = 0;
  #written = 0;

  /**
   * @param at where it is made
   * @param becomes its own name, where that is another
   * @param path for messages
   */
  constructor(at: Buffer, becomes: Buffer | undefined, path: string, meta: Meta, kind: Kind) {
    this.#at = at;
    this.#becomes = becomes;
    this.#path = path;
    this.#meta = meta;
    this.#kind = kind;
    const { O_WRONLY, O_CREAT, O_EXCL } = constants;
    try {
      this.#fd = openSync(at, O_WRONLY | O_CREAT | O_EXCL | followNone, 0o600);
    } catch (error) {
      if (systemCode(error) === 'EEXIST') throw treeRefused(path, 'the tree has it twice');
      throw unwritable(path, error);
    }
  }

  write(bytes: Buffer): void {
    try {
      for (let at = 0; at < bytes.length; ) {
        const n = writeSync(this.#fd, bytes, at, bytes.length - at, this.#position);
        at += n;
        this.#position += n;
      }
    } catch (error) {
      throw unwritable(this.#path, error);
    }
    this.#written = this.#position;
  }

  /** Leaves a hole. */
  skip(length: number): void {
    this.#position += length;
  }

  finish(): void {
    try {
      if (this.#position > this.#written) ftruncateSync(this.#fd, this.#position);
      const { mode = this.#kind.mode ?? 0o666 & ~process.umask() } = this.#meta;
      fchmodSync(this.#fd, mode & 0o1777);
      const time = timeOf(this.#meta);
      if (time !== undefined) futimesSync(this.#fd, time, time);
      if (this.#kind.isAlone) fsyncSync(this.#fd);
      if (this.#becomes !== undefined) renameSync(this.#at, this.#becomes);
    } catch (error) {
      this.abandon();
      throw unwritable(this.#path, error);
    }
    closeSync(this.#fd);
  }

  /** Removes it, as far as it got; in a folder that goes as a whole it stays. */
  abandon(): void {
    closeSync(this.#fd);
    if (this.#becomes !== undefined) removeTree(this.#at);
  }
}
