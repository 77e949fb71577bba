import { rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where it is kept since when a guest is silent: a file of this boot whose time of change is that. */
const markIn = (runtimeDir: string): string => join(runtimeDir, 'silent');

/** The guest has answered. */
export function forgetSilence(runtimeDir: string): void {
  rmSync(markIn(runtimeDir), { force: true });
}

/**
 * Since when the guest is silent, as far as anybody noticed.
 * @param lastHeard when it answered last, where that is known; else when it was asked
 */
export function noteSilence(runtimeDir: string, lastHeard: Date): Date {
  const mark = markIn(runtimeDir);
  try {
    writeFileSync(mark, '', { flag: 'wx', mode: 0o600 });
    utimesSync(mark, lastHeard, lastHeard);
  } catch {
    // It was noticed before, or the disk is full: a VM is never worse off for that.
  }
  return statSync(mark, { throwIfNoEntry: false })?.mtime ?? lastHeard;
}
