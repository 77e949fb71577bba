import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeAr, makeDeb, makeTar, type TarItem } from '../archive.fixture.ts';
import { readMembers } from './ar.ts';
import { extractFiles, readPackage } from './file.ts';

let dir: string;
let path: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mvm-deb-'));
  path = join(dir, 'a.deb');
});

afterEach(() => rm(dir, { recursive: true }));

async function list(deb: Uint8Array): Promise<string[]> {
  await writeFile(path, deb);
  const found: string[] = [];
  for await (const entry of readPackage(path)) found.push(`${entry.type} ${entry.path}`);
  return found;
}

const items: TarItem[] = [
  { name: './', type: 'directory' },
  { name: './bin/', type: 'directory' },
  { name: './bin/a', data: 'content of a' },
  { name: './bin/b', type: 'symlink', linkname: '../../anywhere' },
  { name: './bin/c', type: 'link', linkname: './bin/a' },
];
const listed = ['dir .', 'dir bin', 'file bin/a', 'symlink bin/b', 'hardlink bin/c'];

test('plain, gzip and zstd packages read the same', async () => {
  const tar = await makeTar(items);
  expect(await list(makeDeb(tar))).toEqual(listed);
  expect(await list(makeDeb(gzipSync(tar), 'data.tar.gz'))).toEqual(listed);
  expect(await list(makeDeb(zstdCompressSync(tar), 'data.tar.zst'))).toEqual(listed);
});

test('entries carry mode, owner, link and content; what is not wanted is skipped', async () => {
  await writeFile(path, makeDeb(await makeTar(items)));
  const files = await extractFiles(path, (name) => name !== 'bin');
  expect([...files.keys()]).toEqual(['.', 'bin/a', 'bin/b', 'bin/c']);
  expect(files.get('bin/a')).toMatchObject({ mode: 0o755, uid: 0, gid: 0, size: 12, mtime: 1 });
  expect(files.get('bin/a')?.data.toString()).toBe('content of a');
  expect(files.get('bin/b')?.linkname).toBe('../../anywhere');
  expect(files.get('bin/c')?.linkname).toBe('bin/a');
});

test('reading may stop at any entry', async () => {
  await writeFile(path, makeDeb(gzipSync(await makeTar(items)), 'data.tar.gz'));
  for await (const entry of readPackage(path)) if (entry.path === 'bin') break;
  expect(await list(makeDeb(await makeTar(items)))).toEqual(listed);
});

test.each<[string, TarItem]>([
  ['climbs out', { name: '../evil' }],
  ['climbs out in the middle', { name: './a/../../evil' }],
  ['is absolute', { name: '/etc/passwd' }],
  ['links out', { name: 'a', type: 'link', linkname: '../../etc/shadow' }],
  ['is a device', { name: 'dev/sda', type: 'character-device' }],
])('an entry that %s is refused, naming the package', async (_, item) => {
  await expect(list(makeDeb(await makeTar([item])))).rejects.toMatchObject({
    code: 'PACKAGE_INVALID',
    message: expect.stringContaining(path),
  });
});

test('a package cut off anywhere is refused', async () => {
  const tar = await makeTar([
    { name: 'a', data: 'x'.repeat(3000) },
    { name: 'b', data: 'y' },
  ]);
  for (const deb of [
    makeDeb(tar),
    makeDeb(gzipSync(tar), 'data.tar.gz'),
    makeDeb(zstdCompressSync(tar), 'data.tar.zst'),
  ]) {
    for (let length = 0; length < deb.length; length += 97) {
      await expect(list(deb.subarray(0, length)), `cut at ${length}`).rejects.toMatchObject({
        code: 'PACKAGE_INVALID',
      });
    }
  }
});

test('a data archive cut off inside a sound package is refused', async () => {
  const tar = await makeTar([{ name: 'a', data: 'x'.repeat(3000) }]);
  await expect(list(makeDeb(tar.subarray(0, 1000)))).rejects.toMatchObject({ code: 'PACKAGE_INVALID' });
  const packed = gzipSync(tar);
  await expect(list(makeDeb(packed.subarray(0, packed.length - 10), 'data.tar.gz'))).rejects.toMatchObject({
    code: 'PACKAGE_INVALID',
  });
});

test('files that are no package of format 2 are refused with the reason', async () => {
  await expect(list(Buffer.from('hello'))).rejects.toMatchObject({
    message: expect.stringContaining('not an ar archive'),
  });
  await expect(list(makeAr({ 'data.tar': Buffer.alloc(0) }))).rejects.toMatchObject({
    message: expect.stringContaining('format 2'),
  });
  await expect(list(makeAr({ 'debian-binary': Buffer.from('3.0\n') }))).rejects.toMatchObject({
    message: expect.stringContaining('format 2'),
  });
  await expect(list(makeAr({ 'debian-binary': Buffer.from('2.0\n') }))).rejects.toMatchObject({
    message: expect.stringContaining('no data'),
  });
  await expect(list(makeDeb(Buffer.alloc(10), 'data.tar.lzma'))).rejects.toMatchObject({
    message: expect.stringContaining('data.tar.lzma'),
  });
  await expect(extractFiles(join(dir, 'missing'), () => true)).rejects.toMatchObject({
    code: 'PACKAGE_INVALID',
  });
});

/** A file in memory. */
function memory(data: Uint8Array) {
  return {
    async read(buffer: Buffer, offset: number, length: number, position: number) {
      const bytesRead = Buffer.from(data).copy(buffer, offset, position, position + length);
      return { bytesRead, buffer };
    },
  } as unknown as Parameters<typeof readMembers>[0];
}

test('the ar reader finds what was written', async () => {
  const name = fc.stringMatching(/^[a-z][a-z.-]{0,13}$/);
  await fc.assert(
    fc.asyncProperty(fc.dictionary(name, fc.uint8Array()), async (members) => {
      const archive = makeAr(members);
      const found = await readMembers(memory(archive), archive.length, 'x');
      expect(found.map((member) => member.name)).toEqual(Object.keys(members));
      for (const { name, offset, size } of found) {
        expect([...archive.subarray(offset, offset + size)]).toEqual([...(members[name] ?? [])]);
      }
    }),
  );
});

test('the ar reader refuses an archive that is cut off within a member', async () => {
  const archive = makeAr({ a: Buffer.from('12'), b: Buffer.from('345678') });
  for (const length of [40, 69, 75, archive.length - 1]) {
    await expect(readMembers(memory(archive.subarray(0, length)), length, 'x.deb')).rejects.toMatchObject({
      code: 'PACKAGE_INVALID',
      message: 'x.deb is not a valid Debian package: it is truncated.',
    });
  }
});

test('the ar reader answers any bytes with members inside the file or PACKAGE_INVALID', async () => {
  const digits = fc.uint8Array({ maxLength: 200 });
  const flip = fc.tuple(fc.nat(400), fc.nat(255));
  await fc.assert(
    fc.asyncProperty(digits, fc.array(flip), async (content, flips) => {
      const archive = makeAr({ 'debian-binary': Buffer.from('2.0\n'), data: content });
      for (const [at, value] of flips) archive[at % archive.length] = value;
      try {
        for (const member of await readMembers(memory(archive), archive.length, 'x')) {
          expect(member.offset + member.size).toBeLessThanOrEqual(archive.length);
        }
      } catch (error) {
        expect(error).toMatchObject({ code: 'PACKAGE_INVALID' });
      }
    }),
  );
});
