import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { MvmEvent } from '../../events/events.ts';
import { describePackage, makeDeb, makeKey, makeTar, publish, type TestKey } from '../archive.fixture.ts';
import { extractFiles, fetchPackage } from '../package/file.ts';
import { serve, startServer, type TestServer } from '../server.fixture.ts';
import { type OpenIndexOptions, openIndex } from './packages.ts';

let key: TestKey;
let server: TestServer;
let cacheDir: string;
let deb: Buffer;

beforeAll(async () => {
  key = await makeKey('Archive');
  deb = makeDeb(await makeTar([{ name: './bin/hello', data: 'hello\n' }]));
});

beforeEach(async () => {
  server = await startServer();
  cacheDir = await mkdtemp(join(tmpdir(), 'mvm-debian-'));
});

afterEach(async () => {
  await server.stop();
  await rm(cacheDir, { recursive: true });
});

function open(more: Partial<OpenIndexOptions> = {}) {
  const mirror = { url: `${server.url}/debian`, source: 'the test' };
  return openIndex({
    mirror,
    cacheDir,
    arch: 'amd64',
    keys: key.publicKey,
    backoffMs: 1,
    attempts: 2,
    ...more,
  });
}

test('from a signed index to the files of a package', async () => {
  await publish(server, {
    key,
    stanzas: [
      describePackage(
        'hello',
        deb,
        'Pre-Depends: libc6 (>= 2.41)\nDepends: a | b:any (<< 2~)\nProvides: greeter (= 1.0)\n',
      ),
      describePackage('other', deb),
    ],
  });
  server.routes.set('/debian/pool/main/hello.deb', serve(deb));
  const index = await open();
  const hello = index.get('hello');
  expect(hello).toMatchObject({
    name: 'hello',
    version: '1.0-1',
    size: deb.length,
    rawDepends: 'libc6 (>= 2.41), a | b:any (<< 2~)',
    depends: [
      [{ name: 'libc6', relation: '>=', version: '2.41' }],
      [{ name: 'a' }, { name: 'b', relation: '<<', version: '2~' }],
    ],
    provides: [{ name: 'greeter', relation: '=', version: '1.0' }],
  });
  expect([...index.names()]).toEqual(['hello', 'other']);
  expect(index.providers('greeter')).toEqual(['hello']);
  expect(index.get('nothing')).toBeUndefined();
  if (hello === undefined) throw new Error('unreachable');
  const files = await extractFiles(await fetchPackage(index, hello), () => true);
  expect(files.get('bin/hello')?.data.toString()).toBe('hello\n');
});

test('an index signed by another key is refused, naming the file and the key', async () => {
  await publish(server, { key: await makeKey('Somebody'), stanzas: [describePackage('hello', deb)] });
  await expect(open()).rejects.toMatchObject({
    code: 'SIGNATURE_INVALID',
    message: `${server.url}/debian/dists/trixie/InRelease has no valid signature of a trusted key.`,
    details: [expect.stringMatching(/^key [0-9a-f]{16}: Could not find signing key/)],
  });
  expect(await readdir(cacheDir)).toEqual([]);
});

test('an index changed after it was signed is refused', async () => {
  const { inRelease } = await publish(server, { key, stanzas: [describePackage('hello', deb)] });
  const changed = inRelease.replace('Suite: stable', 'Suite: unstable');
  server.routes.set('/debian/dists/trixie/InRelease', serve(Buffer.from(changed)));
  await expect(open()).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
});

test('text around the signed message counts for nothing', async () => {
  const { inRelease } = await publish(server, { key, stanzas: [describePackage('hello', deb)] });
  const evil = ` ${'0'.repeat(64)} 1 main/binary-amd64/Packages\n`;
  const changed = inRelease.replace(/^SHA256:\r?\n/m, (line) => line + evil);
  expect(changed).toContain(evil);
  server.routes.set('/debian/dists/trixie/InRelease', serve(Buffer.from(changed)));
  await expect(open()).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
  server.routes.set(
    '/debian/dists/trixie/InRelease',
    serve(Buffer.from(`SHA256:\n${evil}\n${inRelease}\nSHA256:\n${evil}`)),
  );
  const outcome = await open().then(
    (index) => index.get('hello')?.name,
    (error) => error.code,
  );
  expect(['hello', 'SIGNATURE_INVALID']).toContain(outcome);
});

test('an unsigned file is refused', async () => {
  server.routes.set(
    '/debian/dists/trixie/InRelease',
    serve(Buffer.from('<html>Sign in to the network</html>')),
  );
  await expect(open()).rejects.toMatchObject({
    code: 'SIGNATURE_INVALID',
    message: expect.stringContaining('not a signed message'),
  });
});

test("another suite's index and an expired one are refused", async () => {
  const stanzas = [describePackage('hello', deb)];
  await publish(server, { key, stanzas, header: 'Suite: oldstable\nCodename: bookworm' });
  await expect(open()).rejects.toMatchObject({
    code: 'INDEX_INVALID',
    message: expect.stringContaining('"bookworm"'),
  });
  await publish(server, {
    key,
    stanzas,
    header: 'Codename: trixie\nValid-Until: Sat, 01 Jan 2022 00:00:00 UTC',
  });
  await expect(open()).rejects.toMatchObject({
    code: 'INDEX_INVALID',
    message: expect.stringContaining('2022'),
  });
});

test('a package index that is not the signed one is refused, naming it', async () => {
  const { byHash } = await publish(server, { key, stanzas: [describePackage('hello', deb)] });
  server.routes.set(byHash, serve(Buffer.from('something else')));
  await expect(open()).rejects.toMatchObject({
    code: 'CHECKSUM_MISMATCH',
    message: expect.stringContaining(byHash),
  });
});

test('a package that is not the one of the index is refused, naming it', async () => {
  await publish(server, { key, stanzas: [describePackage('hello', deb)] });
  server.routes.set('/debian/pool/main/hello.deb', serve(Buffer.alloc(deb.length)));
  const index = await open();
  const hello = index.get('hello');
  if (hello === undefined) throw new Error('unreachable');
  await expect(fetchPackage(index, hello, { backoffMs: 1 })).rejects.toMatchObject({
    code: 'CHECKSUM_MISMATCH',
    message: expect.stringContaining('/pool/main/hello.deb'),
  });
});

test('an unchanged index costs one conditional request; a mirror without by-hash names works', async () => {
  const { index: packed, byHash } = await publish(server, { key, stanzas: [describePackage('hello', deb)] });
  server.routes.delete(byHash);
  server.routes.set('/debian/dists/trixie/main/binary-amd64/Packages.gz', serve(packed));
  await open();
  server.requests.length = 0;
  expect((await open()).get('hello')?.name).toBe('hello');
  expect(server.requests).toEqual(['/debian/dists/trixie/InRelease']);
});

test('with the mirror gone the verified copy in the cache is used, and the user told', async () => {
  await publish(server, { key, stanzas: [describePackage('hello', deb)] });
  await open();
  await server.stop();
  const events: MvmEvent[] = [];
  expect((await open({ emit: (event) => events.push(event) })).get('hello')?.name).toBe('hello');
  expect(events).toEqual([expect.objectContaining({ type: 'note', level: 'warn' })]);

  const cached = join(cacheDir, 'dists', 'trixie', 'InRelease');
  await writeFile(cached, (await readFile(cached, 'utf8')).replace('stable', 'oldstable'));
  await expect(open()).rejects.toMatchObject({
    code: 'SIGNATURE_INVALID',
    message: expect.stringContaining(cached),
  });
});

test('a new list whose package index did not come leaves the old pair in the cache usable', async () => {
  await publish(server, { key, stanzas: [describePackage('hello', deb)] });
  await open();
  const { byHash } = await publish(server, { key, stanzas: [describePackage('newer', deb)] });
  const routes = new Map(server.routes);
  server.routes.set('/debian/dists/trixie/InRelease', (request, response) => {
    delete request.headers['if-none-match'];
    routes.get('/debian/dists/trixie/InRelease')?.(request, response);
  });
  server.routes.set(byHash, (_, response) => response.destroy());
  await expect(open()).rejects.toMatchObject({ code: 'MIRROR_UNREACHABLE' });
  await server.stop();
  expect((await open()).get('hello')?.name).toBe('hello');
});

test('an index that a newer one replaced is removed from the cache', async () => {
  await publish(server, { key, stanzas: [describePackage('hello', deb)] });
  await open();
  const before = await readdir(join(cacheDir, 'index'));
  await publish(server, { key, stanzas: [describePackage('newer', deb)] });
  await rm(join(cacheDir, 'dists'), { recursive: true });
  expect((await open()).get('newer')?.name).toBe('newer');
  const after = await readdir(join(cacheDir, 'index'));
  expect(after).toHaveLength(1);
  expect(after).not.toEqual(before);
});

test('with the mirror gone and nothing in the cache the mirror is named', async () => {
  await server.stop();
  await expect(open()).rejects.toMatchObject({
    code: 'MIRROR_UNREACHABLE',
    message: expect.stringContaining(new URL(server.url).host),
  });
});

test('an index entry that would leave the cache is refused', async () => {
  await publish(server, { key, stanzas: [describePackage('hello', deb).replace('pool/main/', '../../')] });
  const index = await open();
  expect(() => index.get('hello')).toThrow(expect.objectContaining({ code: 'PACKAGE_INVALID' }));
});
