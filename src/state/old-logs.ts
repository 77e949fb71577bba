import {
  appendFileSync,
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { join } from 'node:path';

/** What a folder of logs may hold. */
export interface LogBounds {
  files: number;
  /** Of all of them, as they occupy the disk. */
  bytes: number;
}

/** Removes the oldest logs, whose names begin with their time, until the folder is within its bounds. */
export function removeOldLogs(dir: string, { files, bytes }: LogBounds): void {
  let left = bytes;
  for (const [newer, name] of readdirSync(dir).sort().reverse().entries()) {
    const path = join(dir, name);
    // Another command may have been here.
    left -= (lstatSync(path, { throwIfNoEntry: false })?.blocks ?? 0) * 512;
    if (newer >= files || left < 0) rmSync(path, { recursive: true, force: true });
  }
}

/**
 * Cuts a log that a process still writes, at its end, to the last eighth of `most` bytes where it has more. Nobody is
 * kept from work by a log that can't be cut.
 */
export function boundLog(path: string, most: number): void {
  try {
    const { size } = statSync(path);
    if (size <= most) return;
    const tail = Buffer.alloc(Math.floor(most / 8));
    const file = openSync(path, 'r');
    try {
      readSync(file, tail, 0, tail.length, size - tail.length);
    } finally {
      closeSync(file);
    }
    truncateSync(path);
    appendFileSync(path, tail);
  } catch {
    // Not there, or on a disk that takes nothing.
  }
}
