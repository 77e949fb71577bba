import { describe, expect, it } from 'vitest';
import { cpioEntry, joinedPath, relativeTarget } from './layout.ts';

const header = { mode: 0o4755, uid: 0, gid: 0, size: 0, mtime: 0 };

describe('the layout of the builder’s root', () => {
  it.each([
    ['bin/mount', 'usr/bin/mount'],
    ['lib64/ld.so', 'usr/lib64/ld.so'],
    ['usr/bin/git', 'usr/bin/git'],
    ['etc/passwd', 'etc/passwd'],
    ['library/x', 'library/x'],
  ])('%s lies at %s', (path, joined) => expect(joinedPath(path)).toBe(joined));

  it.each([
    ['usr/bin/a', 'usr/bin/b', 'b'],
    ['usr/lib/git-core/git', 'usr/bin/git', '../../bin/git'],
    ['a', 'usr/b', 'usr/b'],
  ])('a link at %s reaches %s by %s', (from, to, target) => expect(relativeTarget(from, to)).toBe(target));

  it('makes a hard link a symbolic one in the joined layout', () => {
    expect(
      cpioEntry({ ...header, path: 'usr/bin/b', type: 'hardlink', linkname: 'bin/a' }, Buffer.alloc(0)),
    ).toEqual({ type: 'link', path: 'usr/bin/b', target: 'a' });
  });

  it('keeps a package from replacing the links of the joined layout', () => {
    expect(cpioEntry({ ...header, path: 'bin', type: 'dir' }, Buffer.alloc(0))).toBeUndefined();
    expect(
      cpioEntry({ ...header, path: 'lib', type: 'symlink', linkname: 'usr/lib' }, Buffer.alloc(0)),
    ).toBeUndefined();
  });

  it('drops set-user-ID bits', () => {
    expect(cpioEntry({ ...header, path: 'bin/mount', type: 'file' }, Buffer.alloc(0))).toMatchObject({
      path: 'usr/bin/mount',
      mode: 0o755,
    });
  });
});
