import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { packCpio } from '../format/cpio.ts';
import { makeGoProgram } from '../format/go-binary/go-binary.fixture.ts';
import {
  accessibleAgent,
  guestConfig,
  type ImageParts,
  imageFolder,
  makeImageFiles,
  sealedAgent,
  withJson,
} from './image.fixture.ts';
import { type Report, verifyArtifact } from './verify.ts';

const signal = new AbortController().signal;
const folders: (() => void)[] = [];
afterEach(() => {
  for (const remove of folders.splice(0)) remove();
});

function folder(files: Record<string, Buffer>): string {
  const { dir, remove } = imageFolder(files);
  folders.push(remove);
  return dir;
}

const verify = (parts: ImageParts) => verifyArtifact(folder(makeImageFiles(parts)), { signal });

/** What was found, by the checks' names. */
const wrong = ({ checks }: Report) =>
  Object.fromEntries(
    checks.filter(({ result }) => result === 'fail').map(({ name, findings }) => [name, findings.join('\n')]),
  );

const all = [
  'metadata',
  'files',
  'kernel',
  'initrd',
  'agent',
  'agreement',
  'verity',
  'rootfs',
  'privileges',
  'writable',
  'ssh',
  'users',
  'programs',
];

test('a sealed image passes every check', async () => {
  const report = await verify({});
  expect(report.checks.map(({ name, result, findings }) => [name, result, findings])).toEqual(
    all.map((name) => [name, 'pass', []]),
  );
  expect([report.ok, report.sealed]).toEqual([true, true]);
});

test('an accessible image passes what is asked of it, and is not sealed', async () => {
  const report = await verify({
    agent: accessibleAgent,
    config: { accessible: true, sealed: false, entrypoint: { ...guestConfig.entrypoint, user: undefined } },
    json: { accessible: true, sealed: false },
    verity: false,
    files: { 'bin/sshd': { content: '', mode: 0o4755 } },
  });
  expect(wrong(report)).toEqual({});
  expect([report.ok, report.sealed]).toEqual([true, false]);
  const skipped = report.checks.filter(({ result }) => result === 'skip').map(({ name }) => name);
  expect(skipped).toEqual(['verity', 'privileges', 'writable', 'ssh', 'users']);
});

describe('bytes', () => {
  const files = makeImageFiles();
  const names = ['kernel', 'initrd', 'rootfs.erofs', 'rootfs.verity'];
  const place = fc
    .constantFrom(...names)
    .chain((name) =>
      fc.tuple(fc.constant(name), fc.nat((files[name]?.length ?? 1) - 1), fc.integer({ min: 1, max: 255 })),
    );

  test('a flipped byte anywhere in kernel, initrd, root or hash tree is found', async () => {
    const dir = folder(files);
    await fc.assert(
      fc.asyncProperty(place, async ([name, at, flip]) => {
        const bytes = Buffer.from(files[name] ?? '');
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        writeFileSync(join(dir, name), bytes);
        const report = await verifyArtifact(dir, { signal });
        writeFileSync(join(dir, name), files[name] ?? '');
        expect(wrong(report).files).toBe(`${name} is damaged: its SHA-256 is not image.json’s`);
        return !report.ok;
      }),
      { numRuns: 60 },
    );
  });

  test('where the checksums were made to fit, the hash tree still tells', async () => {
    const json = JSON.parse(String(files['image.json'])) as object;
    const rootOrTree = fc
      .constantFrom('rootfs.erofs', 'rootfs.verity')
      .chain((name) =>
        fc.tuple(fc.constant(name), fc.nat((files[name]?.length ?? 1) - 1), fc.integer({ min: 1, max: 255 })),
      );
    await fc.assert(
      fc.asyncProperty(rootOrTree, async ([name, at, flip]) => {
        // The tree's identifier is nothing that anybody checks.
        if (name === 'rootfs.verity' && at >= 16 && at < 32) return true;
        const bytes = Buffer.from(files[name] ?? '');
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        const { dir, remove } = imageFolder(withJson({ ...files, [name]: bytes }, json));
        const found = wrong(await verifyArtifact(dir, { signal }));
        remove();
        return found.files === undefined && found.verity !== undefined;
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    ['longer', (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(4096)])],
    ['shorter', (bytes: Buffer) => bytes.subarray(0, -4096)],
    ['not of whole blocks', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('x')])],
  ])('a root or a tree that is %s is found by its size', async (_, change) => {
    const json = JSON.parse(String(files['image.json'])) as object;
    for (const name of ['rootfs.erofs', 'rootfs.verity']) {
      const found = await verifyArtifact(
        folder(withJson({ ...files, [name]: change(files[name] ?? Buffer.alloc(0)) }, json)),
        { signal },
      );
      expect(wrong(found).verity).toMatch(new RegExp(`${name} has [0-9]+ bytes`));
    }
  });

  test('a file too many, too few, and one that is a link, are found', async () => {
    const dir = folder(files);
    writeFileSync(join(dir, 'extra'), '');
    mkdirSync(join(dir, 'more'));
    symlinkSync('/dev/zero', join(dir, 'endless'));
    expect(wrong(await verifyArtifact(dir, { signal })).files).toBe(
      [
        'extra is not in image.json',
        'endless is not in image.json, and is not a regular file',
        'more is not in image.json, and is not a regular file',
      ].join('\n'),
    );
    const { kernel: _, ...rest } = files;
    const less = folder(rest);
    symlinkSync('/dev/zero', join(less, 'kernel'));
    expect(wrong(await verifyArtifact(less, { signal }))).toMatchObject({
      files: 'kernel is missing, or not a regular file',
      kernel: 'the file is missing',
    });
  });

  test('every check is made where everything is wrong', async () => {
    const dir = folder({
      'image.json': Buffer.from('{'),
      kernel: Buffer.from('k'),
      initrd: Buffer.from('i'),
      'rootfs.erofs': Buffer.from('r'),
    });
    const report = await verifyArtifact(dir, { signal });
    expect(report.checks.map(({ name }) => name)).toEqual(all);
    expect(report.checks.filter(({ result }) => result === 'pass')).toEqual([]);
  });

  test('image.json that is not the one the image is named after is found', async () => {
    const found = await verifyArtifact(folder(files), { signal, digest: '0'.repeat(64) });
    expect(wrong(found)).toEqual({
      metadata: 'image.json is damaged: its SHA-256 is not the name of the image',
    });
  });

  test('a folder without image.json is no image', async () => {
    await expect(verifyArtifact('/nowhere', { signal })).rejects.toMatchObject({ code: 'IMAGE_INVALID' });
    await expect(verifyArtifact(folder({}), { signal })).rejects.toMatchObject({ code: 'IMAGE_INVALID' });
  });
});

describe('the initrd', () => {
  const init = makeGoProgram(accessibleAgent);
  const file = (path: string, data: string | Buffer = '', mode = 0o755) => ({
    type: 'file' as const,
    path,
    data: Buffer.from(data),
    mode,
  });

  test('a second /init in a later archive is found, and is the one that is read', async () => {
    const found = wrong(await verify({ archives: [[file('init', init)]] }));
    expect(found.initrd).toContain('/init appears a second time, in archive 3');
    expect(found.agent).toMatch(/code of exec.*\n.*code of console/);
    expect(found.agreement).toContain('the agent has exec, console');
  });

  test.each([
    ['a file of another name', [file('etc/passwd')], '/etc is not expected'],
    ["this boot's configuration", [file('mvm/vm.json')], '/mvm/vm.json is not expected'],
    ['a module of another name', [file('mvm/modules/evil.ko')], '/mvm/modules/evil.ko is not expected'],
    ['a root of its own', [file('rootfs/bin/sh')], '/rootfs is not expected: the root is in rootfs.erofs'],
    ['a link', [{ type: 'link' as const, path: 'proc', target: '/' }], '/proc appears a second time'],
    [
      'another device',
      [{ type: 'char' as const, path: 'dev/mem', major: 1, minor: 1 }],
      '/dev/mem is not expected',
    ],
    [
      'the wrong device',
      [{ type: 'char' as const, path: 'dev/null', major: 1, minor: 1 }],
      '/dev/null appears a second time',
    ],
    ['another way to write a path', [file('mvm/../init')], '/mvm/.. is an unusual path'],
    ['setuid', [file('mvm/modules/02-a.ko', '', 0o4755)], '/mvm/modules/02-a.ko is setuid or setgid'],
  ])('%s is found', async (_, entries, text) => {
    expect(wrong(await verify({ archives: [entries] })).initrd).toContain(text);
  });

  test('a hard link, through which the kernel would write into /init, is found', async () => {
    const archive = packCpio([file('mvm/modules/02-a.ko', 'x')]);
    const at = archive.indexOf('mvm/modules/02-a.ko') - 110;
    archive.write('00000002', at + 6 + 4 * 8);
    expect(wrong(await verify({ initrd: (bytes) => Buffer.concat([bytes, archive]) })).initrd).toBe(
      '/mvm/modules/02-a.ko is a hard link',
    );
  });

  test.each([
    ['a compressed archive', Buffer.from('1f8b0800', 'hex')],
    ['anything else', Buffer.from('hello world')],
    ['an archive off its boundary', Buffer.concat([Buffer.from([0, 0]), packCpio([file('init')])])],
    ['an archive without an end', packCpio([file('proc')]).subarray(0, 116)],
  ])('%s behind the others makes it unreadable', async (_, more) => {
    const found = wrong(await verify({ initrd: (bytes) => Buffer.concat([bytes, more]) }));
    expect(found.initrd).toContain('The cpio archive is damaged');
    expect(found.agent).toBe('the initrd has no /init');
  });

  test('without /init and its configuration, both are missed', async () => {
    const found = wrong(await verify({ initrd: () => packCpio([{ type: 'dir', path: 'proc' }]) }));
    expect(found.initrd).toBe('/init is missing\n/mvm/image.json is missing');
    expect(found.agreement).toBe('the initrd has no /mvm/image.json');
    expect(found.users).toBe('the initrd has no /mvm/image.json');
  });
});

describe('the agent', () => {
  test.each([
    [
      'has exec in it',
      { functions: [...sealedAgent.functions, 'mvm/guest/internal/exec.Open'] },
      'has the code of exec in it',
    ],
    [
      'has a part of console in it',
      { functions: [...sealedAgent.functions, 'mvm/guest/internal/console/vt.(*Screen).Write'] },
      'has the code of console in it',
    ],
    [
      'has the name of a type of terminal in it',
      { data: 'mvm/guest/internal/terminal.Request' },
      'has the code of terminal in it',
    ],
    ['was built without the tag', { settings: { GOARCH: 'amd64' } }, 'not built as a sealed agent'],
    [
      'is for another machine',
      { machine: 183, settings: { GOARCH: 'arm64', '-tags': 'sealed' } },
      '/init is not for x86_64',
    ],
    ['was built from something else', { path: 'evil/cmd' }, '/init was built from evil/cmd'],
    ['begins elsewhere', { functions: ['main.main', ...sealedAgent.functions] }, '/init begins at main.main'],
    [
      'shows nothing of its own',
      { functions: ['main.start', 'main.main'] },
      'its own packages are not in its table',
    ],
  ])('that %s is found', async (_, change, text) => {
    expect(wrong(await verify({ agent: { ...sealedAgent, ...change } })).agent).toContain(text);
  });

  test('a package whose name only begins like one of those is none of them', async () => {
    const functions = [...sealedAgent.functions, 'mvm/guest/internal/executor.Run'];
    expect(wrong(await verify({ agent: { ...sealedAgent, functions } }))).toEqual({});
  });

  test('a program in which nothing can be read fails', async () => {
    const script = packCpio([{ type: 'file', path: 'init', data: Buffer.from('#!/bin/sh\n'), mode: 0o755 }]);
    expect(wrong(await verify({ initrd: () => script })).agent).toBe('/init is not a 64-bit ELF program');
    const noGo = packCpio([{ type: 'file', path: 'init', data: readFileSync('/bin/true'), mode: 0o755 }]);
    expect(wrong(await verify({ initrd: () => noGo })).agent).toContain('no table of Go functions');
  });
});

describe('the root', () => {
  test.each([
    ['privileges', 'setuid', { 'bin/su': { content: '', mode: 0o4755 } }, '/bin/su is setuid'],
    ['privileges', 'setgid', { 'bin/wall': { content: '', mode: 0o2755 } }, '/bin/wall is setgid'],
    ['writable', 'a folder', { shared: { mode: 0o777 } }, '/shared can be written to by everybody (777)'],
    [
      'writable',
      'a file',
      { 'etc/conf': { content: '', mode: 0o666 } },
      '/etc/conf can be written to by everybody (666)',
    ],
    ['ssh', 'sshd', { 'usr/sbin/sshd': { content: '', mode: 0o755 } }, '/usr/sbin/sshd is an SSH server'],
    [
      'ssh',
      'dropbear as a link',
      { 'usr/bin/dropbear': { link: '/nix/store/x/bin/dropbear' } },
      '/usr/bin/dropbear is an SSH server',
    ],
    [
      'ssh',
      'a wrapped one',
      { 'x/.sshd-wrapped': { content: '', mode: 0o755 } },
      '/x/.sshd-wrapped is an SSH server',
    ],
  ])('%s: %s is found', async (check, _, files, text) => {
    expect(wrong(await verify({ files }))).toEqual({ [check]: expect.stringContaining(text) });
  });
});

describe('users', () => {
  const entrypoint = (user: string | undefined) => ({
    config: { entrypoint: { ...guestConfig.entrypoint, user } },
  });
  test.each([
    ['no user', undefined, 'the entrypoint runs as root: no user is declared'],
    ['an empty one', '', 'the entrypoint runs as root: no user is declared'],
    ['root under another name', 'admin', 'the entrypoint runs as admin, who is root under another name'],
    ['root as a number', '0', 'the entrypoint runs as 0, who is root under another name'],
    ['with a group', '0:app', 'the entrypoint runs as 0, who is root under another name'],
    ['nobody known', 'ghost', 'the entrypoint runs as ghost, who is not in /etc/passwd'],
  ])('%s is found', async (_, user, text) => {
    expect(wrong(await verify(entrypoint(user)))).toEqual({ users: text });
  });

  test('a service is looked at, too', async () => {
    const found = wrong(
      await verify({ config: { services: { web: { command: ['/bin/web'], user: 'admin' } } } }),
    );
    expect(found).toEqual({ users: 'service web runs as admin, who is root under another name' });
  });

  test('root as it is declared, and a program that is not there, are worth a look and no failure', async () => {
    const report = await verify({
      config: { entrypoint: { kind: 'command', argv: ['/usr/local/bin/serve'], user: 'root' } },
    });
    expect(report.ok).toBe(true);
    expect(
      report.checks.filter(({ result }) => result === 'warn').flatMap(({ findings }) => findings),
    ).toEqual([
      'the entrypoint runs as root, as declared',
      'the entrypoint: the image has no /usr/local/bin/serve; it would end with status 127',
    ]);
  });
});

describe('what the image says of itself', () => {
  test.each([
    [
      'another kind',
      { config: { entrypoint: { kind: 'shell', argv: ['/bin/serve'], user: 'app' } } },
      'entrypointKind is command in image.json, but shell',
    ],
    [
      'accessible only for the guest',
      { config: { accessible: true } },
      'accessible is false in image.json, but true',
    ],
    ['not sealed for the guest', { config: { sealed: false } }, 'sealed is true in image.json, but false'],
    ['other services', { json: { services: {} } }, 'services is none in image.json, but web'],
    ['a shell beside the program', { config: { shell: ['/bin/sh'] } }, 'a shell besides its program'],
    ['both', { json: { accessible: true }, config: { accessible: true } }, 'both sealed and accessible'],
  ])('%s is found', async (_, parts, text) => {
    expect(wrong(await verify(parts)).agreement).toContain(text);
  });

  test('neither sealed nor accessible is found', async () => {
    const report = await verify({ json: { sealed: false }, config: { sealed: false } });
    expect(wrong(report)).toEqual({
      metadata: 'image.json says neither that the image is sealed nor that it is accessible',
    });
  });

  test('a sealed image without a hash tree is found', async () => {
    const found = wrong(await verify({ verity: false }));
    expect(found.metadata).toContain('verity');
    expect(found.verity).toContain('nothing verifies the root');
  });

  test('another program than the agent on the command line is found', async () => {
    const found = wrong(await verify({ json: { kernelCommandLine: 'quiet rdinit=/bin/sh' } }));
    expect(found).toEqual({
      kernel: 'its command line starts a program other than the agent: rdinit=/bin/sh',
    });
  });
});
