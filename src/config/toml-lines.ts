/** Where keys stand in a TOML text. smol-toml keeps no positions, and an error without its line is half an error. */

const bareKey =
  /^(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*'))*/;

function parts(key: string): string[] {
  return [...key.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+)/g)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? '',
  );
}

/** The delimiter of a multi-line string that this line leaves open. */
function opens(line: string): string | undefined {
  for (const delimiter of ['"""', "'''"]) {
    if (line.split(delimiter).length % 2 === 0) return delimiter;
  }
  return undefined;
}

/**
 * The line (from 1) on which a key of the text is set; where the text does not set it in a way that we can
 * see, that of the nearest table around it, else 1.
 */
export function lineOf(text: string, path: readonly string[]): number {
  let table: string[] = [];
  let open: string | undefined;
  let best = 1;
  let depth = 0;
  for (const [index, row] of text.split('\n').entries()) {
    if (open !== undefined) {
      if (row.includes(open)) open = undefined;
      continue;
    }
    const line = row.trim();
    let here: string[] | undefined;
    const header = /^\[\[?([^\]]*)\]/.exec(line);
    if (header !== null) here = table = parts(header[1] ?? '');
    else {
      const key = bareKey.exec(line)?.[0];
      if (key !== undefined) here = [...table, ...parts(key)];
      open = opens(line);
    }
    if (here === undefined || here.length <= depth || here.length > path.length) continue;
    if (here.some((part, at) => part !== path[at])) continue;
    best = index + 1;
    depth = here.length;
    if (depth === path.length) break;
  }
  return best;
}
