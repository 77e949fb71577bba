import { existsSync } from 'node:fs';
import { posix, relative, sep } from 'node:path';
import { findRepository, listTracked } from './git-files.ts';
import { lookAt, type Source, type SourceEntry } from './source-entry.ts';
import { sourceNotes } from './source-notes.ts';
import { walkFolder } from './walk.ts';

export interface SourceOptions {
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  /** Folder where the list of tracked files is kept between runs; not kept unless given. */
  cacheDir?: string;
}

/**
 * The source of the project in `dir`, as `nix build` takes it: with git, what is in the index (new files too
 * once they are added) with the content on disk, and nothing untracked but flake.lock; without, all files. Submodules are
 * left out, as Nix does. Whose repository it is does not matter (no `safe.directory` needed): git only reads
 * the index here, with hooks and monitors off.
 * @throws MvmError SOURCE_INVALID for a FIFO, socket or device, and where git can't read the repository
 */
export async function readSource(dir: string, options: SourceOptions): Promise<Source> {
  const repository = findRepository(dir);
  const listed = repository === undefined ? undefined : await listTracked(repository, options);
  const root = listed === undefined || repository === undefined ? dir : repository.root;
  const subfolder = relative(root, dir).split(sep).join('/');
  const paths =
    listed === undefined ? walkFolder(dir, options.signal) : withLock(listed.paths, root, subfolder);
  const entries: SourceEntry[] = [];
  for (const path of paths) {
    const entry = lookAt(root, path);
    if (entry !== undefined) entries.push(entry);
    // Once a thousand: a look at the signal is cheap, but not for nothing.
    if (entries.length % 1000 === 0) options.signal.throwIfAborted();
  }
  const source: Source = {
    root,
    subfolder,
    from: listed === undefined ? 'folder' : 'git',
    entries,
    notes: [],
  };
  const gitMissing = repository !== undefined && listed === undefined;
  return { ...source, notes: sourceNotes(source, { gitMissing, submodules: listed?.submodules ?? [] }) };
}

/**
 * A flake.lock counts before it is added to git: it was written by the last build, and says what that was built of.
 * Nix would pass over it, and look the inputs up again.
 */
function withLock(paths: readonly string[], root: string, subfolder: string): readonly string[] {
  const lock = posix.join(subfolder, 'flake.lock');
  if (paths.includes(lock) || !paths.includes(posix.join(subfolder, 'flake.nix'))) return paths;
  return existsSync(`${root}/${lock}`) ? [...paths, lock].sort() : paths;
}
