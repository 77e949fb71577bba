import { MvmError } from '../../errors/mvm-error.ts';
import type { Names } from '../tree/tree.ts';
import { fold, isDotGit, withoutStream } from './fold.ts';
import { placeIn } from './git-place.ts';
import { compilePattern, type Pattern, PatternMistake } from './pattern.ts';
import { unasked } from './unasked.ts';

export interface RuleSources {
  /** `[dev] protect`, `unprotect` and `hide` of mvm.toml. */
  protect?: readonly string[];
  unprotect?: readonly string[];
  hide?: readonly string[];
  /** The text of .mvmignore, and its path for messages. */
  ignore?: { path: string; text: string } | undefined;
}

/** What a guest may not change, and what it does not see. */
export interface Rules {
  /** A name that is not there for the guest, or is in such a folder. */
  isHidden(path: Names): boolean;
  /**
   * By its path alone: patterns, and what runs in a `.git`. A folder that is a repository under another name is known only to a
   * GuardedTree.
   */
  isProtected(path: Names): boolean;
  /** By a pattern: the settings', or one that holds unasked. */
  isNamed(path: Names): boolean;
  isUnprotected(path: Names): boolean;
}

/** Throws CONFIG_INVALID, with all mistakes. */
export function compileRules(sources: RuleSources): Rules {
  const mistakes: string[] = [];
  const compile = (text: string, place: string): Pattern[] => {
    try {
      return [compilePattern(text)];
    } catch (error) {
      if (!(error instanceof PatternMistake)) throw error;
      mistakes.push(`${place}: the pattern '${text}' ${error.message}.`);
      return [];
    }
  };
  const list = (name: 'protect' | 'unprotect' | 'hide') =>
    new PatternSet((sources[name] ?? []).flatMap((text) => compile(text, `[dev] ${name} in mvm.toml`)));
  const [protect, unprotect, hide] = [list('protect'), list('unprotect'), list('hide')];
  const preset = new PatternSet(unasked.map(compilePattern));
  const ignored: { pattern: Pattern; isShown: boolean }[] = [];
  for (const [index, line] of (sources.ignore?.text ?? '').split(/\r?\n/).entries()) {
    const text = line.replace(/(?<!\\)[ \t]+$/, '');
    if (text === '' || text.startsWith('#')) continue;
    const isShown = text.startsWith('!');
    const place = `${sources.ignore?.path ?? '.mvmignore'}:${index + 1}`;
    for (const pattern of compile(isShown ? text.slice(1) : text, place)) ignored.push({ pattern, isShown });
  }
  if (mistakes.length > 0)
    throw new MvmError('CONFIG_INVALID', mistakes[0] as string, { details: mistakes.slice(1) });
  const shows = (path: readonly string[]): boolean =>
    ignored.findLast(({ pattern }) => pattern.matches(path))?.isShown ?? true;
  const isUnprotected = (path: Names): boolean => !unprotect.isEmpty && unprotect.has(path);
  const isNamed = (path: Names): boolean => protect.has(path) || (preset.has(path) && !isUnprotected(path));
  return {
    isHidden: (path) =>
      hide.has(path) || (ignored.length > 0 && prefixes(path).some((folded) => !shows(folded))),
    isProtected: (path) => isNamed(path) || (isInGit(path) && !isUnprotected(path)),
    isNamed,
    isUnprotected,
  };
}

/** Whether what this path names is run, or names what is run, by git; as far as the path alone tells. */
function isInGit(path: Names): boolean {
  return path.some(
    (name, at) =>
      isDotGit(name) &&
      (name !== '.git' ||
        (at === path.length - 1 && at === 0) ||
        path.slice(at + 1).some((_, next) => isRun(path.slice(at + 1 + next)))),
  );
}

const isRun = (inner: Names): boolean =>
  !['free', 'structure', 'once'].includes(placeIn(inner)) &&
  !(placeIn(inner) === 'hook' && inner.at(-1)?.endsWith('.sample'));

/** Patterns that hold for a path or for a folder above it. */
class PatternSet {
  readonly #names: ReadonlySet<string>;
  readonly #others: readonly Pattern[];

  constructor(patterns: readonly Pattern[]) {
    this.#names = new Set(patterns.flatMap(({ name }) => name ?? []));
    this.#others = patterns.filter(({ name }) => name === undefined);
  }

  get isEmpty(): boolean {
    return this.#names.size + this.#others.length === 0;
  }

  has(path: Names): boolean {
    if (this.isEmpty) return false;
    return prefixes(path).some(
      (folded) =>
        this.#names.has(folded.at(-1) ?? '') || this.#others.some((pattern) => pattern.matches(folded)),
    );
  }
}

/** The path and all above it, as patterns compare them; with and without what NTFS takes for a stream. */
function prefixes(path: Names): string[][] {
  const folded = path.map(fold);
  const found = folded.map((_, at) => folded.slice(0, at + 1));
  if (!path.some((name) => name.includes(':'))) return found;
  const bare = path.map((name) => fold(withoutStream(name)));
  return [...found, ...bare.map((_, at) => bare.slice(0, at + 1))];
}
