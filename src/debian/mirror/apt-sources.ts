import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../../errors/mvm-error.ts';
import { parseStanzas, words } from '../deb822.ts';

/** One archive of apt's configuration, as sources.list(5) describes both formats. */
export interface AptSource {
  /** The configuration file it stands in. */
  file: string;
  uris: string[];
  suites: string[];
  components: string[];
  signedBy?: string;
}

/** The one-line format: `deb [option=value …] uri suite component…`. Other lines are skipped. */
export function parseList(text: string, file: string): AptSource[] {
  const sources: AptSource[] = [];
  for (const raw of text.split('\n')) {
    const line = raw.replace(/#.*$/, '').trim();
    // A CD-ROM's URI holds a label in brackets, with spaces.
    const match = /^deb\s+(?:\[([^\]]*)\]\s+)?(?!cdrom:)(\S+)\s+(\S+)(?:\s+(.*))?$/.exec(line);
    if (match === null) continue;
    const [, options = '', uri = '', suite = '', components = ''] = match;
    const signedBy = /(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1];
    sources.push({
      file,
      uris: [uri],
      suites: [suite],
      components: words(components),
      ...(signedBy === undefined ? {} : { signedBy }),
    });
  }
  return sources;
}

/** The deb822 format (`*.sources`); stanzas that are disabled or not of type `deb` are left out. */
export function parseSources(text: string, file: string): AptSource[] {
  return parseStanzas(text)
    .filter((stanza) => !/^(no|false|without|off|disable|0)$/i.test(stanza.get('enabled') ?? 'yes'))
    .filter((stanza) => words(stanza.get('types')).includes('deb'))
    .map((stanza) => {
      const signedBy = stanza.get('signed-by');
      return {
        file,
        uris: words(stanza.get('uris')),
        suites: words(stanza.get('suites')),
        components: words(stanza.get('components')),
        ...(signedBy === undefined ? {} : { signedBy }),
      };
    });
}

/** A file's text, or an empty one where there is none or we may not read it (a secret in it is not ours). */
export async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'EACCES', 'ENOTDIR', 'EISDIR'].includes(systemCode(error) ?? '')) return '';
    throw error;
  }
}

/** The names in a folder in byte order, none where there is no such folder. */
export async function listIfThere(dir: string): Promise<string[]> {
  try {
    return (await readdir(dir)).sort();
  } catch (error) {
    if (['ENOENT', 'EACCES', 'ENOTDIR'].includes(systemCode(error) ?? '')) return [];
    throw error;
  }
}

/** Every enabled binary archive of the host, in the order in which apt reads the files. */
export async function readAptSources(aptRoot: string): Promise<AptSource[]> {
  const main = join(aptRoot, 'sources.list');
  const sources = parseList(await readIfThere(main), main);
  const parts = join(aptRoot, 'sources.list.d');
  for (const name of await listIfThere(parts)) {
    const file = join(parts, name);
    if (name.endsWith('.list')) sources.push(...parseList(await readIfThere(file), file));
    if (name.endsWith('.sources')) sources.push(...parseSources(await readIfThere(file), file));
  }
  return sources;
}
