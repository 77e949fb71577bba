import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findMirror } from './mirror.ts';

let aptRoot: string;

beforeEach(async () => {
  aptRoot = await mkdtemp(join(tmpdir(), 'mvm-apt-'));
});

afterEach(() => rm(aptRoot, { recursive: true }));

async function put(name: string, text: string): Promise<string> {
  const path = join(aptRoot, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return path;
}

async function url(): Promise<string> {
  return (await findMirror({ env: {}, aptRoot })).url;
}

test('the environment wins over the configuration file, that over apt', async () => {
  await put('sources.list', 'deb http://apt.test/debian trixie main');
  const env = { MVM_DEBIAN_MIRROR: 'https://env.test/debian/' };
  const configured = 'http://configured.test/debian';
  expect(await findMirror({ env, configured, aptRoot })).toEqual({
    url: 'https://env.test/debian',
    source: 'MVM_DEBIAN_MIRROR',
  });
  expect((await findMirror({ env: {}, configured, aptRoot })).url).toBe(configured);
  expect(await findMirror({ env: {}, aptRoot })).toEqual({
    url: 'http://apt.test/debian',
    source: join(aptRoot, 'sources.list'),
  });
});

test('no mirror, and one that is no web address, are errors that name MVM_DEBIAN_MIRROR', async () => {
  const unknown = { code: 'MIRROR_UNKNOWN', hint: expect.stringContaining('MVM_DEBIAN_MIRROR') };
  await expect(findMirror({ env: {}, aptRoot })).rejects.toMatchObject(unknown);
  await expect(findMirror({ env: {}, aptRoot: join(aptRoot, 'none') })).rejects.toMatchObject(unknown);
  await expect(findMirror({ env: { MVM_DEBIAN_MIRROR: 'mirror.test' }, aptRoot })).rejects.toMatchObject(
    unknown,
  );
});

test.each([
  ['plain', 'deb http://mirror.test/debian bookworm main contrib'],
  [
    'with options',
    'deb [arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://mirror.test/debian trixie main',
  ],
  [
    'with comments and sources',
    '# deb http://old.test/debian trixie main\ndeb-src http://src.test/debian trixie main\ndeb\thttp://mirror.test/debian  sid main # note',
  ],
  [
    'after a CD-ROM',
    'deb cdrom:[Debian GNU/Linux 13 _Trixie_ - DVD]/ trixie main\ndeb http://mirror.test/debian/ trixie main',
  ],
  [
    'after the security archive',
    'deb http://mirror.test/debian-security trixie-security main\ndeb http://mirror.test/debian stable main',
  ],
])('one-line format: %s', async (_, text) => {
  await put('sources.list.d/a.list', text);
  expect(await url()).toBe('http://mirror.test/debian');
});

test.each([
  ['plain', 'Types: deb\nURIs: http://mirror.test/debian\nSuites: trixie trixie-updates\nComponents: main\n'],
  [
    'several stanzas',
    'Types: deb\nURIs: http://mirror.test/debian-security\nSuites: trixie-security\nComponents: main\n \n# next\nTypes: deb deb-src\nURIs: http://mirror.test/debian\nSuites: trixie\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.pgp\n',
  ],
  [
    'disabled before enabled',
    'Enabled: no\nTypes: deb\nURIs: http://off.test/debian\nSuites: trixie\nComponents: main\n\nEnabled: yes\nTypes: deb\nURIs: http://mirror.test/debian\nSuites: trixie\nComponents: main\n',
  ],
  [
    'several addresses over lines',
    'Types: deb\nURIs: cdrom:/x\n http://mirror.test/debian\n http://second.test/debian\nSuites:\n trixie\nComponents: main\n',
  ],
  [
    'lower-case fields and Windows line ends',
    'types: deb\r\nuris: http://mirror.test/debian\r\nsuites: trixie\r\ncomponents: main\r\n',
  ],
])('deb822 format: %s', async (_, text) => {
  await put('sources.list.d/debian.sources', text);
  expect(await url()).toBe('http://mirror.test/debian');
});

test("a file that lists mirrors is followed, as Debian's cloud images have it", async () => {
  const list = await put('mirrors/debian.list', '# local\nhttp://mirror.test/debian\tpriority:1\n');
  await put(
    'sources.list.d/debian.sources',
    `Types: deb\nURIs: mirror+file://${list}\nSuites: trixie\nComponents: main\n`,
  );
  expect(await url()).toBe('http://mirror.test/debian');
});

test("other people's archives are not taken for Debian's", async () => {
  await put(
    'sources.list.d/a.list',
    'deb http://browser.test/linux/deb/ stable main\ndeb http://db.test/apt trixie-db main\ndeb http://box.test/debian trixie stable',
  );
  await put(
    'sources.list.d/b.sources',
    'Types: deb\nURIs: http://wine.test/debian\nSuites: trixie\nComponents: main\nSigned-By: /etc/apt/keyrings/wine.asc\n',
  );
  await put(
    'sources.list.d/ubuntu.sources',
    'Types: deb\nURIs: http://ubuntu.test/ubuntu\nSuites: noble\nComponents: main\n',
  );
  await expect(url()).rejects.toMatchObject({ code: 'MIRROR_UNKNOWN' });
  await put('sources.list.d/z.list', 'deb http://mirror.test/mirrors/debian trixie main');
  expect(await url()).toBe('http://mirror.test/mirrors/debian');
});

test("files that apt doesn't read are not read", async () => {
  await put('sources.list.d/a.list.disabled', 'deb http://off.test/debian trixie main');
  await put(
    'sources.list.d/a.sources.save',
    'Types: deb\nURIs: http://off.test/debian\nSuites: trixie\nComponents: main',
  );
  await expect(url()).rejects.toMatchObject({ code: 'MIRROR_UNKNOWN' });
});

async function proxy(
  env: NodeJS.ProcessEnv,
  mirror = 'http://mirror.test/debian',
): Promise<string | undefined> {
  return (await findMirror({ env: { ...env, MVM_DEBIAN_MIRROR: mirror }, aptRoot })).proxy;
}

test("apt's proxy wins over the environment's, in both notations, and DIRECT switches it off", async () => {
  const env = { http_proxy: 'http://env.test:1' };
  expect(await proxy(env)).toBe('http://env.test:1');
  await put('apt.conf.d/01proxy', '// comment with "quotes"\nAcquire::http::Proxy "http://apt.test:2/";\n');
  expect(await proxy(env)).toBe('http://apt.test:2/');
  await put('apt.conf.d/02proxy', '/* two */ Acquire { Retries "3"; http { Proxy "http://apt.test:3"; }; };');
  expect(await proxy(env)).toBe('http://apt.test:3');
  await put('apt.conf.d/03proxy.disabled', 'Acquire::http::Proxy "http://off.test";');
  expect(await proxy(env)).toBe('http://apt.test:3');
  await put('apt.conf', 'Acquire::http::Proxy::mirror.test "DIRECT";');
  expect(await proxy(env)).toBeUndefined();
});

test("the environment's proxy follows the scheme and no_proxy", async () => {
  const env = { http_proxy: 'http://plain.test', HTTPS_PROXY: 'http://secure.test' };
  expect(await proxy(env)).toBe('http://plain.test');
  expect(await proxy(env, 'https://mirror.test/debian')).toBe('http://secure.test');
  expect(await proxy({ ...env, no_proxy: 'localhost, .test' })).toBeUndefined();
  expect(await proxy({ ...env, NO_PROXY: 'other.test' })).toBe('http://plain.test');
  expect(await proxy({ ...env, no_proxy: '*' })).toBeUndefined();
});
