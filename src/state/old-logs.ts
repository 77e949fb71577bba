import { lstatSync, readdirSync, rmSync } from 'node:fs';
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
