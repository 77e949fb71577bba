/** A member of a tar archive: pax interchange format (POSIX.1-2008, pax, "ustar Interchange Format"). */
export interface TarMember {
  /** Relative, with `/`. */
  name: string;
  type: 'file' | 'link' | 'folder';
  mode: number;
  size: number;
  /** Where a link points. */
  target?: string;
}

export const blockSize = 512;

/** Two empty blocks end an archive. */
export const tarEnd = Buffer.alloc(2 * blockSize);

/** Bytes that fill up the last block of a content. */
export function padding(size: number): Buffer {
  return Buffer.alloc((blockSize - (size % blockSize)) % blockSize);
}

const typeFlags = { file: '0', link: '2', folder: '5' } as const;

/**
 * The header of a member: root's, written one second after 1970, as in a Nix store. A name, target or size
 * that the old fields can't hold is in a pax record before it.
 */
export function tarHeader(member: TarMember): Buffer {
  const name = member.type === 'folder' ? `${member.name}/` : member.name;
  const records: string[] = [];
  if (!fits(name)) records.push(record('path', name));
  if (member.target !== undefined && !fits(member.target)) records.push(record('linkpath', member.target));
  if (member.size > 0o77777777777) records.push(record('size', String(member.size)));
  const own = block(typeFlags[member.type], name, member.mode, member.size, member.target ?? '');
  if (records.length === 0) return own;
  const body = Buffer.from(records.join(''));
  return Buffer.concat([block('x', 'pax', 0o644, body.length, ''), body, padding(body.length), own]);
}

function fits(text: string): boolean {
  // Beyond ASCII, readers disagree on what the old fields' bytes mean.
  return text.length <= 100 && /^[\x20-\x7e]*$/.test(text);
}

/** `<length> <key>=<value>\n`, the length counting itself. */
function record(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (rest + String(length).length !== length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}

function block(flag: string, name: string, mode: number, size: number, target: string): Buffer {
  const header = Buffer.alloc(blockSize);
  const octal = (value: number, at: number, width: number) =>
    header.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at, 'latin1');
  header.write(name.slice(0, 100), 0, 100);
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size > 0o77777777777 ? 0 : size, 124, 12);
  octal(1, 136, 12);
  header.write('        ', 148);
  header.write(flag, 156);
  header.write(target.slice(0, 100), 157, 100);
  header.write('ustar\x0000', 257, 'latin1');
  octal(0, 329, 8);
  octal(0, 337, 8);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}
