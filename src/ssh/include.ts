import { chmod, lstat, readFile, readlink, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { writeError } from '../errors/file-error.ts';
import { MvmError, systemCode } from '../errors/mvm-error.ts';
import { ensureDir, writeAtomic } from '../state/write.ts';
import { configWord } from './client-config.ts';

/** The user's own configuration of ssh. */
export const userConfig = (home: string): string => join(home, '.ssh', 'config');

/** The line that brings our file in; its path is a pattern (glob(7)). */
export const includeLine = (file: string): string =>
  `Include ${configWord(file.replace(/[*?[\]\\]/g, '\\$&'))}`;

/** The line as `contents` would read it. */
const lineOf = (file: string): string => Buffer.from(includeLine(file)).toString('latin1');

/**
 * Has the user's configuration include our file, in its first line: what stands behind a Host line is that host's. The rest
 * stays as it is, to the byte. Gives whether anything changed. Throws STATE_WRITE.
 */
export async function addInclude(config: string, file: string): Promise<boolean> {
  const line = lineOf(file);
  const before = await contents(config);
  if (before.startsWith(`${line}\n`)) return false;
  await ensureDir(dirname(config), 0o700);
  await replace(config, `${line}\n${without(before, line)}`).catch(byHand('add to its top', file));
  return true;
}

/** Takes the line out again. Gives whether it was there. Throws STATE_WRITE. */
export async function removeInclude(config: string, file: string): Promise<boolean> {
  const line = lineOf(file);
  const before = await contents(config);
  const after = without(before, line);
  if (after === before) return false;
  await replace(config, after).catch(byHand('remove', file));
  return true;
}

/** A configuration that something else writes (Nix, a dotfiles manager) is changed where that has it. */
const byHand = (what: string, file: string) => (error: unknown) => {
  if (!(error instanceof MvmError)) throw error;
  throw new MvmError(error.code, error.message, { cause: error, hint: `${what}: ${includeLine(file)}` });
};

const without = (text: string, line: string): string =>
  text
    .split('\n')
    .filter((one) => one !== line)
    .join('\n');

/** Bytes as characters, whatever their encoding. */
async function contents(config: string): Promise<string> {
  try {
    return await readFile(config, 'latin1');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return '';
    throw writeError(error, config);
  }
}

/** Replaces what the name leads to, where it is a link, and keeps its mode. */
async function replace(config: string, text: string): Promise<void> {
  const path = await target(config);
  const mode = await stat(path).then(
    (found) => found.mode & 0o777,
    () => 0o600,
  );
  await writeAtomic(path, Buffer.from(text, 'latin1'), mode);
  await chmod(path, mode).catch((error: unknown) => {
    throw writeError(error, path);
  });
}

/** Also of a link to what is not there yet. */
async function target(path: string): Promise<string> {
  const isLink = (await lstat(path).catch(() => undefined))?.isSymbolicLink() === true;
  if (!isLink) return path;
  return realpath(path).catch(async () => resolve(dirname(path), await readlink(path)));
}
