import { join } from 'node:path';
import { listIfThere, readIfThere } from './apt-sources.ts';

const token = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|#[^\n]*|"((?:[^"\\]|\\.)*)"|([{};])|([^\s{};"]+)/g;

/**
 * The settings of an apt.conf(5) text by their full lower-case names (`acquire::http::proxy`). Both ways to
 * write them count: `A::B "v";` and `A { B "v"; };`. Of a setting given twice the last one counts.
 */
export function parseAptConf(text: string): Map<string, string> {
  const settings = new Map<string, string>();
  const scopes: string[] = [];
  let line: string[] = [];
  for (const [, quoted, mark, bare] of text.matchAll(token)) {
    if (mark === undefined) {
      const word = quoted ?? bare;
      if (word !== undefined) line.push(word);
      continue;
    }
    const [name, value] = line;
    line = [];
    if (mark === '{') scopes.push(name ?? '');
    else if (mark === '}') scopes.pop();
    else if (name !== undefined && value !== undefined) {
      settings.set([...scopes, name].join('::').toLowerCase(), value);
    }
  }
  return settings;
}

/** The host's apt settings: the parts in the order of their names, then apt.conf, as apt reads them. */
export async function readAptConf(aptRoot: string): Promise<Map<string, string>> {
  const parts = join(aptRoot, 'apt.conf.d');
  // The names that apt accepts: no other extension than .conf, no leading dot (apt.conf(5)).
  const names = (await listIfThere(parts)).filter((name) => /^[\w-]+(\.conf)?$/.test(name));
  const texts = await Promise.all(names.map((name) => readIfThere(join(parts, name))));
  texts.push(await readIfThere(join(aptRoot, 'apt.conf')));
  return new Map(texts.flatMap((text) => [...parseAptConf(text)]));
}
