import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { MvmError } from '../errors/mvm-error.ts';
import { nixPaths } from './nix-paths.ts';
import type { Source } from './source-entry.ts';

/** Bytes of a Nix file beyond which it is not read: no one writes such files by hand. */
const longest = 1 << 20;

/**
 * What a flake names, lies on the disk and is not tracked by git: Nix would say that it does not exist. Relative to the
 * source's root; empty where there is no git.
 */
export function untrackedFiles(source: Source): string[] {
  if (source.from !== 'git') return [];
  const { root, subfolder, entries } = source;
  const flake = posix.join(subfolder, 'flake.nix');
  const tracked = new Set<string>();
  for (const { path } of entries)
    for (let at = path; at !== '.' && !tracked.has(at); at = posix.dirname(at)) tracked.add(at);
  if (!tracked.has(flake)) return existsSync(`${root}/${flake}`) ? [flake] : [];
  const named = new Set<string>();
  const askedAbout = new Set<string>();
  const files = [flake];
  const seen = new Set(files);
  for (const file of files) {
    const text = readFileSync(`${root}/${file}`, 'utf8').slice(0, longest);
    const found = nixPaths(text);
    const resolved = (path: string) => posix.join(posix.dirname(file), path).replace(/\/$/, '');
    for (const path of found.askedAbout) askedAbout.add(resolved(path));
    for (const path of found.named.map(resolved)) {
      if (path.startsWith('..') || path === '.') continue;
      named.add(path);
      for (const more of [path, `${path}/default.nix`]) {
        if (!more.endsWith('.nix') || !tracked.has(more) || seen.has(more)) continue;
        seen.add(more);
        files.push(more);
      }
    }
  }
  return [...named].filter(
    (path) => !tracked.has(path) && !askedAbout.has(path) && existsSync(`${root}/${path}`),
  );
}

/** Throws SOURCE_INVALID, with the command that helps, for what `untrackedFiles` finds. */
export function requireTracked(source: Source): void {
  const missing = untrackedFiles(source);
  if (missing.length === 0) return;
  const paths = missing.map((path) => quoted(`${source.root}/${path}`)).join(' ');
  const names = missing.join(', ');
  const text =
    missing.length === 1
      ? `${names} is not tracked by git, so the build can't see it.`
      : `These files are not tracked by git, so the build can't see them: ${names}.`;
  throw new MvmError('SOURCE_INVALID', text, { hint: `git add ${paths}` });
}

const quoted = (path: string): string =>
  /^[\w./+@=-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
