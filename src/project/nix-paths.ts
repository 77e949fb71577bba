/** Relative paths that a Nix file names, as it writes them. */
export interface NixPaths {
  /** `./x`, `../y/z`, outside of comments and of the text of strings. */
  named: string[];
  /** Those that it only asks about: `builtins.pathExists ./x`. */
  askedAbout: string[];
}

const literal = /^\.{1,2}(?:\/[\w.+-]+)+/;

/**
 * Reads the relative path literals of a Nix expression (Nix's manual, "Data types", path). Code inside `${…}` of a string
 * counts; what is built at evaluation (`./. + "/x"`) can't be seen.
 */
export function nixPaths(text: string): NixPaths {
  const found: NixPaths = { named: [], askedAbout: [] };
  /** What we are in, from outside: code until `}`, a string until its end. */
  const inside: ('code' | '"' | "''")[] = ['code'];
  let last = '';
  for (let at = 0; at < text.length; ) {
    const rest = text.slice(at, at + 512);
    const within = inside.at(-1);
    if (within !== 'code') {
      const escaped = within === '"' ? /^\\[\s\S]/ : /^''(?:\$|'|\\[\s\S])/;
      const step = escaped.exec(rest)?.[0].length ?? (rest.startsWith(`$\${`) ? 3 : 0);
      if (step > 0) at += step;
      else if (rest.startsWith(`\${`)) {
        inside.push('code');
        at += 2;
      } else if (rest.startsWith(within ?? '')) {
        inside.pop();
        at += within?.length ?? 1;
      } else at++;
      continue;
    }
    const skipped = /^(?:#[^\n]*|\s+)/.exec(rest)?.[0].length;
    if (skipped !== undefined) at += skipped;
    else if (rest.startsWith('/*')) at = endOf(text, '*/', at);
    else if (rest.startsWith("''")) {
      inside.push("''");
      at += 2;
    } else if (rest.startsWith('"')) {
      inside.push('"');
      at++;
    } else if (rest.startsWith('{')) {
      inside.push('code');
      at++;
    } else if (rest.startsWith('}')) {
      if (inside.length > 1) inside.pop();
      at++;
    } else {
      const path = literal.exec(rest)?.[0];
      const word = path ?? /^(?:[\w'./-]+|[\s\S])/.exec(rest)?.[0] ?? '';
      if (path !== undefined) (last.endsWith('pathExists') ? found.askedAbout : found.named).push(path);
      if (word !== '(') last = word;
      at += word.length;
    }
  }
  return found;
}

function endOf(text: string, mark: string, from: number): number {
  const end = text.indexOf(mark, from + 2);
  return end < 0 ? text.length : end + mark.length;
}
