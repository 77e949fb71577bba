/** One entry as read; `data` is the file's content or the link's target. */
export interface CpioItem {
  path: string;
  mode: number;
  ino: number;
  uid: number;
  gid: number;
  mtime: number;
  major: number;
  minor: number;
  data: Buffer;
}

const align = (n: number): number => (n + 3) & ~3;

/**
 * The entries of one or more concatenated newc archives, in their order, the trailers left out. Throws a
 * plain Error for anything else: only archives of our own making are read.
 */
export function readCpio(archive: Buffer): CpioItem[] {
  const items: CpioItem[] = [];
  let at = 0;
  while (at < archive.length) {
    if (archive[at] === 0) {
      at += 4;
      continue;
    }
    if (archive.toString('latin1', at, at + 6) !== '070701') throw new Error(`no cpio header at ${at}`);
    const field = (i: number) =>
      Number.parseInt(archive.toString('latin1', at + 6 + i * 8, at + 14 + i * 8), 16);
    const nameLength = field(11);
    const path = archive.toString('utf8', at + 110, at + 110 + nameLength - 1);
    const start = align(at + 110 + nameLength);
    const end = start + field(6);
    if (!(end <= archive.length)) throw new Error(`cpio entry ${path} is cut off`);
    if (path !== 'TRAILER!!!') {
      items.push({
        path,
        mode: field(1),
        ino: field(0),
        uid: field(2),
        gid: field(3),
        mtime: field(5),
        major: field(9),
        minor: field(10),
        data: archive.subarray(start, end),
      });
    }
    at = align(end);
  }
  return items;
}
