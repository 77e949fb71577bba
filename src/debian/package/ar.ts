import type { FileHandle } from 'node:fs/promises';
import { MvmError } from '../../errors/mvm-error.ts';

export interface Member {
  name: string;
  /** Offset of its content in the file. */
  offset: number;
  size: number;
}

const magic = '!<arch>\n';
const headerSize = 60;

/**
 * The members of an ar archive as deb(5) uses it: plain names of up to 16 characters, sizes in decimal,
 * content padded to even offsets. `size` is that of the file. Throws PACKAGE_INVALID naming `name`.
 */
export async function readMembers(
  file: Pick<FileHandle, 'read'>,
  size: number,
  name: string,
): Promise<Member[]> {
  const refuse = (why: string): never => {
    throw new MvmError('PACKAGE_INVALID', `${name} is not a valid Debian package: ${why}.`, {
      hint: `rm ${name}`,
    });
  };
  const text = async (offset: number, length: number): Promise<string> => {
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await file.read(buffer, 0, length, offset);
    return buffer.toString('latin1', 0, bytesRead);
  };
  if ((await text(0, magic.length)) !== magic) refuse('it is not an ar archive');
  const members: Member[] = [];
  for (let at = magic.length; at < size; ) {
    const header = await text(at, headerSize);
    if (header.length < headerSize) refuse('it is truncated');
    const length = header.slice(48, 58).trim();
    if (!header.endsWith('`\n') || !/^\d{1,10}$/.test(length))
      refuse(`its member at byte ${at} has a broken header`);
    const member = {
      name: header.slice(0, 16).trim().replace(/\/$/, ''),
      offset: at + headerSize,
      size: Number(length),
    };
    if (member.offset + member.size > size) refuse('it is truncated');
    members.push(member);
    at = member.offset + member.size + (member.size % 2);
  }
  return members;
}
