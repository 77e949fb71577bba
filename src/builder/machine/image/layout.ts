import type { EntryHeader } from '../../../debian/package/entry.ts';
import type { CpioEntry } from '../../../image/format/cpio.ts';

/** Folders that Debian joined with those below /usr; packages may still name the old ones. */
const joined = ['bin', 'sbin', 'lib', 'lib64', 'libx32', 'lib32'];

/** Where a packaged path lies in the joined layout. */
export function joinedPath(path: string): string {
  const [first = ''] = path.split('/', 1);
  return joined.includes(first) ? `usr/${path}` : path;
}

/** A link target from one path to another, both from the root, as a relative one. */
export function relativeTarget(from: string, to: string): string {
  const source = from.split('/').slice(0, -1);
  const target = to.split('/');
  let same = 0;
  while (same < source.length && same < target.length - 1 && source[same] === target[same]) same++;
  return [...source.slice(same).map(() => '..'), ...target.slice(same)].join('/');
}

/**
 * A packaged entry in an archive without hard links: those become symbolic ones. Set-user-ID bits are left
 * out, as root is the builder's only user.
 */
export function cpioEntry(header: EntryHeader, data: Buffer): CpioEntry | undefined {
  const path = joinedPath(header.path);
  switch (header.type) {
    case 'dir':
      return path === '.' || joined.includes(header.path)
        ? undefined
        : { type: 'dir', path, mode: header.mode & 0o1777 };
    case 'file':
      return { type: 'file', path, data, mode: header.mode & 0o777 };
    case 'symlink':
      return joined.includes(header.path) ? undefined : { type: 'link', path, target: header.linkname ?? '' };
    case 'hardlink':
      return { type: 'link', path, target: relativeTarget(path, joinedPath(header.linkname ?? '')) };
  }
}
