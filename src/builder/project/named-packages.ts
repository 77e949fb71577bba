import { readFileSync } from 'node:fs';
import type { KnownNames } from '../../debian/lock/table.ts';
import { entryPath, type Source } from '../../project/source-entry.ts';

/** A name as Debian allows it, also as a quoted attribute. */
const direct = /\bdebian\s*\.\s*(?:"([a-z0-9][a-z0-9+.-]*)"|([a-z0-9][a-z0-9+-]*))/g;
const listed = /\bwith\s+(?:[\w.-]+\.)?debian\s*;\s*\[([^\]]*)\]/g;
const inList = /"?\b([a-z0-9][a-z0-9+.-]*)"?/g;
/** A word that may be an attribute's name, also a quoted one. */
const word = /[A-Za-z_][\w.'+-]*/g;
const python = /\bwithPackages\b|\b\w*[pP]ython\w*Packages\b|\bpython3?\d*\s*\.\s*(?:pkgs|buildEnv)\b/;

/**
 * Names that a project's Nix files take from `pkgs.debian`: as `debian.NAME`, or in a list `with pkgs.debian; [ … ]`.
 * May have names that are none; which of them Debian has is for its index to say.
 */
export function packagesNamedIn(text: string): string[] {
  const code = withoutComments(text);
  const names = [...code.matchAll(direct)].map((match) => match[1] ?? match[2] ?? '');
  for (const [, list = ''] of code.matchAll(listed)) {
    names.push(...[...list.matchAll(inList)].map((match) => match[1] ?? ''));
  }
  return names;
}

/**
 * Debian packages that words of a project's Nix files may stand for under nixpkgs' names. Where a file takes modules of
 * Python, every word may be one (`ps: with ps; [ … ]` has no form of its own), so there are more than are meant: they
 * only make the lock longer.
 */
export function packagesMeantBy(texts: readonly string[], { set, python: modules }: KnownNames): string[] {
  const code = texts.map(withoutComments).join('\n');
  const words = new Set(
    [...code.matchAll(word)].flatMap(([found]) => [found, ...found.split('.')]).filter(Boolean),
  );
  const takesModules = python.test(code);
  const names: string[] = [];
  for (const name of words) {
    const own = Object.hasOwn(set, name) ? set[name] : undefined;
    if (own !== undefined) names.push(own);
    if (!takesModules) continue;
    const known = Object.hasOwn(modules, name) ? modules[name] : undefined;
    if (known !== undefined) names.push(known);
    else if (/^[A-Za-z]/.test(name)) names.push(`python3-${name.toLowerCase().replaceAll('_', '-')}`);
  }
  return names;
}

const withoutComments = (text: string): string => text.replace(/#.*$/gm, '');

/** Bytes of a Nix file that is looked at. */
const most = 1 << 20;

/** Both for all Nix files of a source, sorted. */
export function namedPackages(source: Source, known: KnownNames): string[] {
  const texts = source.entries
    .filter(({ kind, path, size }) => kind === 'file' && path.endsWith('.nix') && size <= most)
    .map((entry) => readFileSync(entryPath(source, entry), 'utf8'));
  return [...new Set([...texts.flatMap(packagesNamedIn), ...packagesMeantBy(texts, known)])].sort();
}
