import { linkSync, lstatSync, renameSync, unlinkSync } from 'node:fs';
import { systemCode } from '../../../errors/mvm-error.ts';
import { Folders } from '../../tree/folders.ts';
import { namesOf } from '../lower.ts';

/** The folder of the host while it is changed: each place is reached relative to open folders, and no link is followed. */
export class HostFolder {
  readonly #folders: Folders;

  constructor(path: string) {
    this.#folders = new Folders(Buffer.from(path));
  }

  at(key: string): Buffer {
    return this.#folders.at(namesOf(key));
  }

  /** What tells it from all others, under whatever name; undefined where nothing is. */
  identity(key: string): string | undefined {
    try {
      const found = lstatSync(this.at(key), { bigint: true, throwIfNoEntry: false });
      return found && `${found.dev}:${found.ino}:${found.birthtimeNs}`;
    } catch (error) {
      if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(systemCode(error) ?? '')) return undefined;
      throw error;
    }
  }

  rename(from: string, to: string): void {
    renameSync(this.at(from), this.at(to));
    this.#folders.forget(namesOf(from));
    this.#folders.forget(namesOf(to));
  }

  /** Gives what is no folder another name, which nothing may have. Throws EEXIST. */
  link(from: string, to: string): void {
    try {
      linkSync(this.at(from), this.at(to));
    } catch (error) {
      // Some file systems know no second name.
      if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK'].includes(systemCode(error) ?? '')) throw error;
      if (this.identity(to) !== undefined) throw Object.assign(new Error('EEXIST: link'), { code: 'EEXIST' });
      this.rename(from, to);
    }
  }

  unlink(key: string): void {
    unlinkSync(this.at(key));
  }

  forget(key: string): void {
    this.#folders.forget(namesOf(key));
  }

  folderFd(key: string): number {
    return this.#folders.folder(namesOf(key)).fd;
  }

  close(): void {
    this.#folders.close();
  }
}
