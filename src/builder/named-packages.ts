import { readFileSync } from 'node:fs';
import { entryPath, type Source } from '../project/source-entry.ts';

/** A name as Debian allows it, also as a quoted attribute. */
const direct = /\bdebian\s*\.\s*(?:"([a-z0-9][a-z0-9+.-]*)"|([a-z0-9][a-z0-9+-]*))/g;
const listed = /\bwith\s+(?:[\w.-]+\.)?debian\s*;\s*\[([^\]]*)\]/g;
const inList = /"?\b([a-z0-9][a-z0-9+.-]*)"?/g;

/**
 * Names that a project's Nix files take from `pkgs.debian`: as `debian.NAME`, or in a list `with pkgs.debian; [ … ]`.
 * May have names that are none; which of them Debian has is for its index to say.
 */
export function packagesNamedIn(text: string): string[] {
  const code = text.replace(/#.*$/gm, '');
  const names = [...code.matchAll(direct)].map((match) => match[1] ?? match[2] ?? '');
  for (const [, list = ''] of code.matchAll(listed)) {
    names.push(...[...list.matchAll(inList)].map((match) => match[1] ?? ''));
  }
  return names;
}

/** Bytes of a Nix file that is looked at. */
const most = 1 << 20;

/** The same for all Nix files of a source, sorted. */
export function namedPackages(source: Source): string[] {
  const names = source.entries
    .filter(({ kind, path, size }) => kind === 'file' && path.endsWith('.nix') && size <= most)
    .flatMap((entry) => packagesNamedIn(readFileSync(entryPath(source, entry), 'utf8')));
  return [...new Set(names)].sort();
}
