import {
  chmodSync,
  closeSync,
  constants,
  fdatasyncSync,
  fsyncSync,
  lutimesSync,
  mkdirSync,
  openSync,
  symlinkSync,
} from 'node:fs';
import { removeTree } from '../../../copy/temporary.ts';
import { secondsOf } from '../../tree/host-tree.ts';
import { attributesOf, stagingPrefix } from '../lower.ts';
import { type Contents, copyContent } from '../upper/contents.ts';
import type { Node } from '../upper/model.ts';
import type { HostFolder } from './host-folder.ts';

const settable = 0o1777;

/** The folder on the host in which changes are prepared, and which has what they replace until they are made. */
export class Staging {
  readonly name: string;
  readonly #host: HostFolder;
  #count = 0;

  constructor(host: HostFolder, suffix: string) {
    this.#host = host;
    this.name = `${stagingPrefix}${suffix}`;
  }

  create(): void {
    for (const name of ['', '/old', '/new']) mkdirSync(this.#host.at(this.name + name), 0o700);
  }

  /** Where something is put aside. */
  aside(): string {
    return `${this.name}/old/${this.#count++}`;
  }

  folder(mode: number): string {
    const key = this.#new();
    mkdirSync(this.#host.at(key), 0o700);
    chmodSync(this.#host.at(key), mode & settable);
    return key;
  }

  /** A file as the guest has it, on the disk when this returns. */
  file(contents: Contents, node: Node): string {
    const key = this.#new();
    const path = this.#host.at(key);
    if (node.text !== undefined) {
      symlinkSync(Buffer.from(node.text, 'latin1'), path);
      return key;
    }
    const source = contents.open(node.id, 'read');
    try {
      copyContent(source, path);
      const fd = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW);
      try {
        fdatasyncSync(fd);
      } finally {
        closeSync(fd);
      }
      const { atimeNs, mtimeNs } = attributesOf(source);
      chmodSync(path, (node.mode ?? 0o644) & settable);
      lutimesSync(path, secondsOf(atimeNs), secondsOf(mtimeNs));
      return key;
    } finally {
      closeSync(source);
    }
  }

  sync(): void {
    for (const name of ['', '/new']) fsyncSync(this.#host.folderFd(this.name + name));
  }

  #new(): string {
    return `${this.name}/new/${this.#count++}`;
  }
}

/** Removes it with all that is in it; what can't be removed stays under its name. */
export function removeStaging(host: HostFolder, name: string): void {
  removeTree(host.at(name));
  host.forget(name);
}
