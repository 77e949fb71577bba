import { MvmError } from '../../errors/mvm-error.ts';

/** One entry as read; `data` is the file's content or the link's target. */
export interface CpioItem {
  path: string;
  mode: number;
  ino: number;
  uid: number;
  gid: number;
  links: number;
  mtime: number;
  major: number;
  minor: number;
  data: Buffer;
  /** The number of the archive that it is in, from 0: a later archive's files replace an earlier one's. */
  archive: number;
}

const HEADER = 110;
/** The kernel's limit for a name, with the zero at its end. */
const LONGEST_NAME = 4096;

const align = (n: number): number => (n + 3) & ~3;

/**
 * The entries of one or more concatenated newc archives, in their order, the trailers left out. It takes less
 * than the kernel does: what the kernel might read in another way is an error.
 * @throws MvmError IMAGE_INVALID for anything else, such as a compressed archive
 */
export function readCpio(archive: Buffer): CpioItem[] {
  const items: CpioItem[] = [];
  let number = 0;
  let inside = false;
  let at = 0;
  const bad = (what: string) =>
    new MvmError('IMAGE_INVALID', `The cpio archive is damaged at ${at}: ${what}.`);
  while (at < archive.length) {
    // Zeros between archives.
    if (!inside && archive[at] === 0) {
      if (archive.subarray(at, at + 4).some(Boolean)) throw bad('an archive begins off its boundary');
      at += 4;
      continue;
    }
    const header = archive.toString('latin1', at, at + HEADER);
    if (!/^070701[0-9a-fA-F]{104}$/.test(header)) throw bad('there is no newc header');
    const field = (i: number) => Number.parseInt(header.slice(6 + i * 8, 14 + i * 8), 16);
    const nameLength = field(11);
    const nameEnd = at + HEADER + nameLength - 1;
    if (nameLength < 2 || nameLength > LONGEST_NAME || archive.indexOf(0, at + HEADER) !== nameEnd) {
      throw bad('a name does not end where its length says');
    }
    const path = archive.toString('utf8', at + HEADER, nameEnd);
    const start = align(nameEnd + 1);
    const end = start + field(6);
    if (!(end <= archive.length)) throw bad(`${path} is cut off`);
    inside = path !== 'TRAILER!!!';
    if (inside) {
      items.push({
        path,
        mode: field(1),
        ino: field(0),
        uid: field(2),
        gid: field(3),
        links: field(4),
        mtime: field(5),
        major: field(9),
        minor: field(10),
        data: archive.subarray(start, end),
        archive: number,
      });
    } else number++;
    at = align(end);
  }
  if (inside) throw bad('its end is missing');
  return items;
}
