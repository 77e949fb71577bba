import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { posix } from 'node:path';
import { entryPath, type Source, staysInside } from './source-entry.ts';

/** Bytes of source from which a line says how much it is, and what the biggest file is. */
const large = 256 * 2 ** 20;

/** What a person may not expect about what a build sees of their project. */
export function sourceNotes(
  source: Source,
  git: { gitMissing: boolean; submodules: readonly string[] },
): string[] {
  const notes: string[] = [];
  const flake = posix.join(source.subfolder, 'flake.nix');
  const has = new Set(source.entries.map((entry) => entry.path));
  if (git.gitMissing) {
    notes.push(`git is not installed: using all files in ${source.root}, not only those that git tracks.`);
  }
  if (git.submodules.length > 0) {
    notes.push(`Submodules are not part of the source, just as with Nix: ${few(git.submodules)}.`);
  }
  notes.push(...linkNotes(source, has));
  if (has.has(flake)) notes.push(...inputNotes(source, flake));
  const total = source.entries.reduce((sum, entry) => sum + entry.size, 0);
  if (total > large) {
    const biggest = source.entries.reduce((a, b) => (b.size > a.size ? b : a));
    notes.push(
      `The source is ${megabytes(total)}, of which ${biggest.path} is ${megabytes(biggest.size)}; all of it goes into the build. ${
        source.from === 'git'
          ? `To leave it out: git rm --cached ${biggest.path}`
          : 'To leave files out, make it a git repository: only files that git tracks are used.'
      }`,
    );
  }
  return notes;
}

const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;

function few(names: readonly string[]): string {
  return names.length <= 3
    ? names.join(', ')
    : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}

function linkNotes(source: Source, has: ReadonlySet<string>): string[] {
  const folders = new Set<string>();
  const outside: string[] = [];
  const dangling: string[] = [];
  const links = source.entries.filter((entry) => entry.kind === 'link');
  if (links.length === 0) return [];
  for (const { path } of source.entries) {
    for (let dir = posix.dirname(path); dir !== '.' && !folders.has(dir); dir = posix.dirname(dir))
      folders.add(dir);
  }
  for (const link of links) {
    const target = readlinkSync(entryPath(source, link));
    if (target.startsWith('/nix/store/')) continue;
    if (!staysInside(source.root, link.path, target)) outside.push(`${link.path} → ${target}`);
    else {
      const at = posix.join(posix.dirname(link.path), target).replace(/\/$/, '');
      const known = at === '.' || has.has(at) || folders.has(at) || target.startsWith('/');
      // Behind another link we don't follow: it is there, or the disk says that it isn't.
      if (!known && !existsSync(entryPath(source, link))) dangling.push(`${link.path} → ${target}`);
    }
  }
  const notes: string[] = [];
  if (outside.length > 0)
    notes.push(`Links that lead outside the project point to nothing in a build: ${few(outside)}.`);
  if (dangling.length > 0) notes.push(`Links that point to nothing: ${few(dangling)}.`);
  return notes;
}

/** Inputs by path that lie outside: the builder has the project only. Nix's own error would not say so. */
function inputNotes(source: Source, flake: string): string[] {
  const text = readFileSync(`${source.root}/${flake}`, 'utf8').slice(0, 1 << 20);
  const outside = [...text.matchAll(/"(?:path:|git\+file:(?:\/\/)?)?((?:\.\.?|)\/[^"?#\n]*)[^"\n]*"\s*;/g)]
    .filter((match) => /url\s*=\s*$/.test(text.slice(Math.max(0, match.index - 20), match.index)))
    .map((match) => match[1] ?? '')
    .filter((target) => !target.startsWith('/nix/store/') && !staysInside(source.root, flake, target));
  if (outside.length === 0) return [];
  return [`${flake} has inputs outside the project, which the builder can't see: ${few(outside)}.`];
}
