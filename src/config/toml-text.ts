import { MvmError } from '../errors/mvm-error.ts';

/** The text of a TOML file, which is UTF-8 by definition. Throws CONFIG_INVALID with the line, and the command that converts it. */
export function tomlText(bytes: Uint8Array, path: string): string {
  const wide = utf16(bytes);
  if (wide !== undefined)
    throw new MvmError('CONFIG_INVALID', `${path}:1: the file is in UTF-16; TOML is UTF-8.`, {
      hint: convert(wide, path),
    });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const text = new TextDecoder('utf-8').decode(bytes);
    const line = text.slice(0, text.indexOf('\ufffd')).split('\n').length;
    throw new MvmError('CONFIG_INVALID', `${path}:${line}: the file has bytes that are not UTF-8.`, {
      hint: convert('LATIN1', path),
    });
  }
}

const convert = (from: string, path: string): string =>
  `iconv -f ${from} -t UTF-8 -o ${path}.new ${path} && mv ${path}.new ${path}`;

/** By its byte order mark, or by the zero next to the first letter. */
function utf16([a, b]: Uint8Array): string | undefined {
  if (a === 0xff && b === 0xfe) return 'UTF-16';
  if (a === 0xfe && b === 0xff) return 'UTF-16';
  if (a !== undefined && a !== 0 && b === 0) return 'UTF-16LE';
  if (a === 0 && b !== undefined && b !== 0) return 'UTF-16BE';
  return undefined;
}
