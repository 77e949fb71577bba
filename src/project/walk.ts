import { type Dirent, readdirSync, readlinkSync } from 'node:fs';
import { MvmError, systemCode } from '../errors/mvm-error.ts';
import { shellWord } from '../errors/shell-word.ts';

/**
 * All files of a folder, sorted, relative to it; an empty folder ends in `/`. `.git` and links to build
 * results (`result` into /nix/store) are left out.
 * @throws MvmError SOURCE_INVALID naming a folder that can't be read
 */
export function walkFolder(root: string, signal: AbortSignal): string[] {
  const found: string[] = [];
  const visit = (prefix: string) => {
    signal.throwIfAborted();
    const children = list(`${root}/${prefix}`);
    if (children.length === 0 && prefix !== '') found.push(prefix);
    for (const child of children) {
      const path = `${prefix}${child.name}`;
      if (child.name === '.git') continue;
      if (child.isDirectory()) visit(`${path}/`);
      else if (!(child.isSymbolicLink() && isResult(`${root}/${path}`, child.name))) found.push(path);
    }
  };
  visit('');
  return found.sort();
}

function list(dir: string): Dirent[] {
  try {
    return readdirSync(dir, { withFileTypes: true });
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw new MvmError('SOURCE_INVALID', `Can't read the folder ${dir}: ${systemCode(error)}.`, {
      cause: error,
      hint: `ls -ld ${shellWord(dir)}`,
    });
  }
}

function isResult(path: string, name: string): boolean {
  return /^result(-|$)/.test(name) && readlinkSync(path).startsWith('/nix/store/');
}
