import { closeSync, constants, existsSync, openSync } from 'node:fs';

/** A path without following a link at its end; a FIFO without waiting for its other end. */
export const followNone = constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Paths through it lead to an open folder, wherever it has been moved to. Linux has it. */
const descriptors = '/proc/self/fd';
let hasDescriptors: boolean | undefined;

/**
 * A folder that is open. Entries are named relative to it, so that no link in the path above it matters any more, and
 * no path becomes too long; where the system has no `/proc` by its path.
 */
export class OpenFolder {
  readonly fd: number;
  readonly #prefix: Buffer;
  #isOpen = true;

  /** @param path bytes; its last part is not followed where it is a link, unless `follow` */
  constructor(path: Buffer, follow = false) {
    const flags = constants.O_RDONLY | constants.O_DIRECTORY;
    this.fd = openSync(path, follow ? flags : flags | followNone);
    hasDescriptors ??= existsSync(`${descriptors}/${this.fd}`);
    this.#prefix = hasDescriptors
      ? Buffer.from(`${descriptors}/${this.fd}/`)
      : Buffer.concat([path, Buffer.from('/')]);
  }

  /** The path of an entry, for calls that do not follow it. */
  at(name: Buffer): Buffer {
    return Buffer.concat([this.#prefix, name]);
  }

  close(): void {
    if (this.#isOpen) closeSync(this.fd);
    this.#isOpen = false;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }
}
