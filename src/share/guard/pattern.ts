import { fold } from './fold.ts';

/** Mistakes in a pattern are `PatternMistake`. */
export class PatternMistake extends Error {}

type Token = { any: true } | { star: true } | { char: string } | { set: string; not: boolean };

/** A pattern as in a .gitignore, without `!` in front, for names that `fold` has made alike. */
export interface Pattern {
  /** Its one name where it has no wildcard and may be in any folder. */
  readonly name: string | undefined;
  /** Whether it holds for this path itself (not for what is above it). */
  matches(folded: readonly string[]): boolean;
  /** Whether moving a folder can change what it holds for. */
  readonly isAnchored: boolean;
}

/**
 * `.env` and `secrets/` are names in any folder, `/top` and `a/b` are paths from the root; `**` is any number of folders, `*` and
 * `?` are within a name, `[a-z]` is a set, `\` takes the next character as it is. A `/` at the end is allowed and means nothing
 * more. Throws PatternMistake.
 *
 * @param text UTF-8 text
 */
export function compilePattern(text: string): Pattern {
  if (text.length > 1000) throw new PatternMistake('is longer than 1,000 characters');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused.
  if (/[\x00-\x1f\x7f]/.test(text)) throw new PatternMistake('has a control character');
  const trimmed = text.replace(/\/+$/, '');
  const body = trimmed.replace(/^\/+/, '');
  if (body === '') throw new PatternMistake('names nothing');
  const segments = body.split(/\/+/);
  if (segments.some((segment) => segment === '.' || segment === '..'))
    throw new PatternMistake("has '.' or '..' as a name");
  const isAnchored = trimmed.startsWith('/') || segments.length > 1;
  const parts = segments.map((segment) => (segment === '**' ? undefined : tokensOf(segment)));
  const isLiteral = parts.length === 1 && parts[0]?.every((token) => 'char' in token) === true;
  return {
    name:
      isLiteral && !isAnchored
        ? parts[0]?.map((token) => ('char' in token ? token.char : '')).join('')
        : undefined,
    isAnchored,
    matches: (names) =>
      isAnchored
        ? matchPath(parts, names)
        : parts[0] !== undefined && matchName(parts[0], names.at(-1) ?? ''),
  };
}

function tokensOf(segment: string): Token[] {
  // What makes names alike is done to the pattern, too; the signs of a pattern are ASCII and stay.
  const chars = [...fold(Buffer.from(segment).toString('latin1'))];
  const tokens: Token[] = [];
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] as string;
    if (char === '*') {
      if (!('star' in (tokens.at(-1) ?? {}))) tokens.push({ star: true });
    } else if (char === '?') tokens.push({ any: true });
    else if (char === '\\') {
      const next = chars[++at];
      if (next === undefined) throw new PatternMistake(`ends with '\\'`);
      tokens.push({ char: next });
    } else if (char === '[') {
      const end = chars.indexOf(']', at + (/[!^]/.test(chars[at + 1] ?? '') ? 3 : 2));
      if (end < 0) throw new PatternMistake("has a '[' without ']'");
      const inside = chars.slice(at + 1, end).join('');
      const not = /^[!^]/.test(inside);
      tokens.push({ set: not ? inside.slice(1) : inside, not });
      at = end;
    } else tokens.push({ char });
  }
  return tokens;
}

function matchPath(parts: readonly (Token[] | undefined)[], names: readonly string[]): boolean {
  // How many of the names each prefix of the parts can have taken.
  let ends = new Set([0]);
  for (const [index, part] of parts.entries()) {
    const next = new Set<number>();
    for (const end of ends) {
      if (part !== undefined) {
        const name = names[end];
        if (name !== undefined && matchName(part, name)) next.add(end + 1);
      } else {
        // At the end of a pattern it is what is below, not the folder itself.
        const first = index === parts.length - 1 ? end + 1 : end;
        for (let to = first; to <= names.length; to++) next.add(to);
      }
    }
    ends = next;
  }
  return ends.has(names.length);
}

/** In time of at most pattern × name. */
function matchName(tokens: readonly Token[], name: string): boolean {
  const chars = [...name];
  let [token, at, star, mark] = [0, 0, -1, 0];
  while (at < chars.length) {
    const here = tokens[token];
    if (here !== undefined && 'star' in here) {
      star = token++;
      mark = at;
    } else if (here !== undefined && takes(here, chars[at] as string)) {
      token++;
      at++;
    } else if (star >= 0) {
      token = star + 1;
      at = ++mark;
    } else return false;
  }
  return tokens.slice(token).every((rest) => 'star' in rest);
}

function takes(token: Token, char: string): boolean {
  if ('char' in token) return token.char === char;
  if ('any' in token) return true;
  if ('star' in token) return false;
  let found = false;
  const set = [...token.set];
  for (let at = 0; at < set.length; at++) {
    const from = set[at] as string;
    const to = set[at + 1] === '-' && set[at + 2] !== undefined ? (set[at + 2] as string) : from;
    if (from <= char && char <= to) found = true;
    if (to !== from || set[at + 1] === '-') at += set[at + 2] === undefined ? 0 : 2;
  }
  return found !== token.not;
}
