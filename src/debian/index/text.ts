import { parseStanza, type Stanza } from '../deb822.ts';
import { compareVersions } from './version.ts';

/**
 * A Packages file is 56 MB of text of which we read a few stanzas, so only the names' offsets are indexed;
 * stanzas are parsed when asked for.
 */
export interface IndexText {
  names(): Iterable<string>;
  stanza(name: string): Stanza | undefined;
  /** Names of the packages that provide a virtual one, in the order of the file. */
  providers(virtual: string): readonly string[];
}

const nameMark = Buffer.from('\nPackage: ');
const providesMark = Buffer.from('\nProvides: ');
const end = Buffer.from('\n\n');
const newline = 0x0a;

function* marks(text: Buffer, mark: Buffer): Generator<[at: number, value: string]> {
  if (text.subarray(0, mark.length - 1).equals(mark.subarray(1))) {
    const stop = text.indexOf(newline);
    yield [0, text.toString('latin1', mark.length - 1, stop < 0 ? text.length : stop)];
  }
  for (let at = text.indexOf(mark); at >= 0; ) {
    const from = at + mark.length;
    const found = text.indexOf(newline, from);
    const stop = found < 0 ? text.length : found;
    yield [at + 1, text.toString('latin1', from, stop)];
    at = text.indexOf(mark, stop);
  }
}

function stanzaAt(text: Buffer, at: number): Stanza {
  const before = text.lastIndexOf(end, at);
  const after = text.indexOf(end, at);
  return parseStanza(text.toString('utf8', before < 0 ? 0 : before + 2, after < 0 ? text.length : after));
}

function readProviders(text: Buffer): Map<string, string[]> {
  const providers = new Map<string, string[]>();
  for (const [at, value] of marks(text, providesMark)) {
    const name = stanzaAt(text, at).get('package');
    if (name === undefined) continue;
    for (const part of value.split(',')) {
      const virtual = part.trim().split(/[\s(:]/, 1)[0] ?? '';
      const known = providers.get(virtual);
      if (known === undefined) providers.set(virtual, [name]);
      else if (!known.includes(name)) known.push(name);
    }
  }
  return providers;
}

export function indexText(text: Buffer): IndexText {
  const offsets = new Map<string, number>();
  for (const [at, value] of marks(text, nameMark)) {
    const name = value.trim();
    const earlier = offsets.get(name);
    if (earlier === undefined) offsets.set(name, at);
    else {
      const version = (offset: number): string => stanzaAt(text, offset).get('version') ?? '';
      if (compareVersions(version(at), version(earlier)) > 0) offsets.set(name, at);
    }
  }
  let providers: Map<string, string[]> | undefined;
  return {
    names: () => offsets.keys(),
    stanza(name) {
      const at = offsets.get(name);
      return at === undefined ? undefined : stanzaAt(text, at);
    },
    providers(virtual) {
      providers ??= readProviders(text);
      return providers.get(virtual) ?? [];
    },
  };
}
