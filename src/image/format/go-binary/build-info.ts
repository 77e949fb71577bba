import { type Elf, elfSection } from '../elf.ts';

/** What `go version -m` shows of a program. */
export interface GoBuildInfo {
  goVersion: string;
  /** Import path of the main package. */
  path: string;
  /** `GOARCH`, `-tags`, … */
  settings: Record<string, string>;
}

const MAGIC = '\xff Go buildinf:';
/** Flag: the strings follow, each with its length in front (since Go 1.18). */
const INLINE = 2;

/** From the section `.go.buildinfo` (the format: Go's debug/buildinfo); undefined where there is none. */
export function readGoBuildInfo(elf: Elf): GoBuildInfo | undefined {
  const bytes = elfSection(elf, '.go.buildinfo');
  if (bytes === undefined || bytes.length < 32 || bytes.toString('latin1', 0, 14) !== MAGIC) return undefined;
  if (((bytes[15] ?? 0) & INLINE) === 0) return undefined;
  const version = stringAt(bytes, 32);
  const info = version && stringAt(bytes, version.end);
  if (version === undefined || info === undefined) return undefined;
  // Marks of 16 bytes stand around the text.
  const lines = info.text.slice(16, -16).split('\n');
  const settings: Record<string, string> = {};
  let path = '';
  for (const line of lines) {
    const [kind, value = ''] = line.split('\t');
    if (kind === 'path') path = value;
    if (kind !== 'build') continue;
    const equals = value.indexOf('=');
    settings[value.slice(0, equals)] = value.slice(equals + 1).replace(/^"(.*)"$/, '$1');
  }
  return { goVersion: version.text, path, settings };
}

/** A string with its length in front, seven bits a byte, the lowest first. */
function stringAt(bytes: Buffer, start: number): { text: string; end: number } | undefined {
  let at = start;
  let length = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    if (byte === undefined || shift > 21) return undefined;
    length |= (byte & 127) << shift;
    if (byte < 128) break;
  }
  if (at + length > bytes.length) return undefined;
  return { text: bytes.toString('latin1', at, at + length), end: at + length };
}
