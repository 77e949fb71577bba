import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import type { OpenFolder } from '../../../copy/open-folder.ts';
import { MvmError } from '../../../errors/mvm-error.ts';
import { checksum } from '../../../state/checksum.ts';
import type { Effect } from './model.ts';

/** A change: when, in nanoseconds since 1970, and what. */
export interface Line {
  now: bigint;
  effects: readonly Effect[];
}

const file = Buffer.from('changes');
const temporary = Buffer.from('changes.tmp');
const {
  O_RDONLY,
  O_RDWR,
  O_CREAT,
  O_EXCL,
  O_NOFOLLOW,
  O_CLOEXEC = 0,
} = constants as typeof constants & {
  O_CLOEXEC?: number;
};

/**
 * The changes of an overlay, one a line, each with a checksum: a line that was not written whole did not happen. All of them can be
 * replaced in one step.
 */
export class Journal {
  readonly #folder: OpenFolder;
  readonly #isReadOnly: boolean;
  #fd: number | undefined;
  /** Where the next line begins: what is behind it is the rest of one that failed. */
  #end = 0;

  constructor(folder: OpenFolder, isReadOnly: boolean) {
    this.#folder = folder;
    this.#isReadOnly = isReadOnly;
  }

  /** In bytes. */
  get size(): number {
    return this.#end;
  }

  /** What was written so far. Throws VM_BROKEN for damage other than an end that is missing. */
  load(path: string): Line[] {
    this.close();
    const lines: Line[] = [];
    let text: Buffer;
    try {
      const flags = this.#isReadOnly ? O_RDONLY : O_RDWR | O_CREAT;
      this.#fd = openSync(this.#folder.at(file), flags | O_NOFOLLOW | O_CLOEXEC, 0o600);
      text = readFileSync(this.#fd);
    } catch (error) {
      if (this.#isReadOnly && (error as NodeJS.ErrnoException).code === 'ENOENT') return lines;
      throw error;
    }
    let at = 0;
    for (let end = text.indexOf(10); end >= 0; end = text.indexOf(10, at)) {
      const line = parse(text.toString('utf8', at, end));
      if (line === undefined) {
        if (hasGoodLine(text, end + 1)) throw damaged(path, at);
        break;
      }
      lines.push(line);
      at = end + 1;
    }
    this.#end = at;
    return lines;
  }

  /** Throws the system's error where it can't be written; then nothing was. */
  append(line: Line): void {
    if (this.#fd === undefined) throw new Error('not open');
    const bytes = Buffer.from(format(line));
    write(this.#fd, bytes, this.#end);
    this.#end += bytes.length;
    // The rest of a longer line that failed would be read behind this one.
    if (fstatSync(this.#fd).size > this.#end) ftruncateSync(this.#fd, this.#end);
  }

  /** Replaces all lines in one step, on the disk when this returns; nothing at all takes no room. */
  replace(lines: Iterable<Line>): void {
    const path = this.#folder.at(temporary);
    let end = 0;
    let fd: number | undefined;
    try {
      for (const line of lines) {
        if (fd === undefined) {
          discard(path);
          fd = openSync(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
        }
        const bytes = Buffer.from(format(line));
        write(fd, bytes, end);
        end += bytes.length;
      }
      if (fd === undefined) {
        if (this.#fd === undefined) throw new Error('not open');
        ftruncateSync(this.#fd, 0);
        fsyncSync(this.#fd);
      } else {
        fsyncSync(fd);
        renameSync(path, this.#folder.at(file));
        syncName(this.#folder.fd);
        this.close();
        this.#fd = fd;
      }
      this.#end = end;
    } catch (error) {
      if (fd !== undefined && fd !== this.#fd) {
        closeSync(fd);
        discard(path);
      }
      throw error;
    }
  }

  sync(): void {
    if (this.#fd !== undefined) fsyncSync(this.#fd);
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}

/** Without it a power cut may bring back the lines that were there before; that is all, and it is not a failure. */
function syncName(folder: number): void {
  try {
    fsyncSync(folder);
  } catch {
    // As above.
  }
}

function discard(path: Buffer): void {
  try {
    unlinkSync(path);
  } catch {
    // It was not there.
  }
}

function write(fd: number, bytes: Buffer, position: number): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, position + at);
}

/** Numbers that JSON has no room for are written as text with this before it, which no name can begin with. */
const big = '\u0000';

function format({ now, effects }: Line): string {
  const text = JSON.stringify([now, effects], (_, value: unknown) =>
    typeof value === 'bigint' ? `${big}${value}` : value === undefined ? null : value,
  );
  return `${checksum(text)} ${text}\n`;
}

function parse(line: string): Line | undefined {
  const text = line.slice(9);
  if (line[8] !== ' ' || checksum(text) !== line.slice(0, 8)) return undefined;
  const [now, effects] = JSON.parse(text, (_, value: unknown) =>
    value === null
      ? undefined
      : typeof value === 'string' && value.startsWith(big)
        ? BigInt(value.slice(1))
        : value,
  ) as [bigint, Effect[]];
  return { now, effects };
}

function hasGoodLine(text: Buffer, from: number): boolean {
  for (let at = from, end = text.indexOf(10, at); end >= 0; at = end + 1, end = text.indexOf(10, at))
    if (parse(text.toString('utf8', at, end)) !== undefined) return true;
  return false;
}

function damaged(path: string, at: number): MvmError {
  return new MvmError('VM_BROKEN', `The list of changes ${path}/changes is damaged at byte ${at}.`, {
    hint: `cp -r ${path} .   (each file in its folder data is the content of a changed file)`,
  });
}
