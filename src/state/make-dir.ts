import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Creates a folder and its parents. Node's own way (`recursive`) never ends where a folder is there and takes no
 * new one, as /proc. Throws the system's error: EEXIST where a file has the name, ENOENT for such a folder.
 */
export function makeDir(path: string, mode = 0o755): void {
  try {
    makeOne(path, mode);
  } catch (error) {
    const parent = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === path) throw error;
    makeDir(parent, mode);
    makeOne(path, mode);
  }
}

/** Content with a folder that is there: another process may have been faster. */
function makeOne(path: string, mode: number): void {
  try {
    mkdirSync(path, mode);
  } catch (error) {
    const isThere = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || !isThere) throw error;
  }
}
