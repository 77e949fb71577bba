import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MvmError } from '../errors/mvm-error.ts';
import { parseProjectConfig } from './project-config.ts';
import { tomlText } from './toml-text.ts';

const read = (text: string) => parseProjectConfig(text, '/p/mvm.toml');

test('the file of the specification and all other keys are read, each with its line', () => {
  const file = read(
    'flake = "."\nprofile = "dev"\nvcpus = 2\nmemory_mib = 1024\nname = "app"\nbackend = "qemu"\n\n[env]\nPORT = "80"\n\n[inputs]\nnixpkgs = "debian"\n',
  );
  expect(file.values).toEqual({
    flake: '.',
    profile: 'dev',
    vcpus: 2,
    memory_mib: 1024,
    name: 'app',
    backend: 'qemu',
    env: { PORT: '80' },
    inputs: { nixpkgs: 'debian' },
  });
  expect(file.at('memory_mib')).toBe('/p/mvm.toml:4');
  expect(file.at('env', 'PORT')).toBe('/p/mvm.toml:9');
  expect(file.at('inputs', 'nixpkgs')).toBe('/p/mvm.toml:12');
});

test.each([
  ['flake = "."\nmemory = 1\n', "/p/mvm.toml:2: there is no setting 'memory'.", 'did you mean memory_mib?'],
  ['vcpu = 1\n', "/p/mvm.toml:1: there is no setting 'vcpu'.", 'did you mean vcpus?'],
  ['\n[input]\nx = "y"\n', "/p/mvm.toml:2: there is no setting 'input'.", 'did you mean inputs?'],
  [
    'frobnicate = 1\n',
    "/p/mvm.toml:1: there is no setting 'frobnicate'.",
    expect.stringContaining('flake, profile'),
  ],
  [
    '#\nvcpus = "2"\n',
    '/p/mvm.toml:2: vcpus: must be a whole number of at least 1.',
    'for example: vcpus = 2',
  ],
  ['vcpus = 0\n', '/p/mvm.toml:1: vcpus: must be a whole number of at least 1.', 'for example: vcpus = 2'],
  [
    'memory_mib = 1.5\n',
    '/p/mvm.toml:1: memory_mib: must be a whole number of at least 64.',
    'for example: memory_mib = 1024',
  ],
  [
    'memory_mib = "2G"\n',
    '/p/mvm.toml:1: memory_mib: must be a whole number of at least 64.',
    'for example: memory_mib = 1024',
  ],
  [
    'mem = "lots"\n',
    expect.stringContaining('/p/mvm.toml:1: mem: must be a size of at least 64 MiB'),
    'for example: mem = "2G"',
  ],
  ['data_disk = "9T"\n', expect.stringContaining('at most 8 TiB'), 'for example: data_disk = "32G"'],
  [
    'data_disk = 32\n',
    expect.stringContaining('/p/mvm.toml:1: data_disk: must be'),
    'for example: data_disk = "32G"',
  ],
  ['mem = 8\n', '/p/mvm.toml:1: mem: must be a whole number of at least 64.', 'for example: mem = "2G"'],
  [
    'vcpus = 2\ncpus = 2\n',
    "/p/mvm.toml:2: 'cpus' is another name for 'vcpus', which line 1 already sets.",
    'remove one of the two',
  ],
  [
    '[network]\nmode = "none"\n',
    expect.stringContaining("/p/mvm.toml:1: 'network' is not a setting here: every VM"),
    undefined,
  ],
  [
    '\n[dev]\nx = 1\n',
    "/p/mvm.toml:3: there is no setting 'x' in [dev].",
    'settings of [dev]: forward, files, mount, protect, unprotect, hide, git_identity',
  ],
  [
    '[ports]\nforwards = [ 80 ]\n',
    "/p/mvm.toml:2: there is no setting 'forwards' in [ports].",
    'did you mean forward?',
  ],
  [
    'ports = [ "8080:80" ]\n',
    '/p/mvm.toml:1: ports: must be a table, not a list.',
    'for example: [ports] and below it forward = [ "8080:80" ]',
  ],
  [
    '[ports]\nforward = "8080:80"\n',
    '/p/mvm.toml:2: ports.forward: must be a list.',
    'for example: forward = [ "8080:80", 5432 ]',
  ],
  [
    '[ports]\nforward = [ 8080.5 ]\n',
    '/p/mvm.toml:2: ports.forward: 8080.5 must be a port from 1 to 65535, or a text like "8080:80".',
    'for example: forward = [ "8080:80", 5432 ]',
  ],
  [
    '[ports]\nforward = [ 80, "80a:80" ]\n',
    expect.stringContaining('"80a:80" must be a port'),
    expect.any(String),
  ],
  ['[ports]\nforward = [ true ]\n', expect.stringContaining('true must be a port'), expect.any(String)],
  [
    '[ports]\nforward = [ "80:80", "0:80", "0:80", "80:80/udp", "80:81" ]\n',
    '/p/mvm.toml:2: ports.forward: has a port of this host twice.',
    expect.any(String),
  ],
  [
    '[ports]\nhost = [ 80, "81:80" ]\n',
    '/p/mvm.toml:2: ports.host: has a port of the VM twice.',
    expect.any(String),
  ],
  [
    '[ports]\nhost = [ "53/udp" ]\n',
    expect.stringContaining('"53/udp" must be a port'),
    'for example: host = [ 5432, "6379:16379" ]',
  ],
  [
    '[dev]\nforward = [ 80 ]\n',
    '/p/mvm.toml:2: dev.forward: must be "all", "declared" or "none".',
    'for example: forward = "declared"',
  ],
  [
    '[dev]\nfiles = [ "~/.gitconfig" ]\n',
    '/p/mvm.toml:2: dev.files: must be a table, not a list.',
    'for example: files = { "~/.vimrc" = "~/.vimrc" }',
  ],
  [
    '[dev]\nfiles = { "~/.gitconfig" = 5 }\n',
    '/p/mvm.toml:2: dev.files.~/.gitconfig: must be an absolute path of the VM, or ~/ and a path.',
    'for example: files = { "~/.vimrc" = "~/.vimrc" }',
  ],
  ['[dev]\ngit_identity = "no"\n', expect.any(String), 'for example: git_identity = false'],
  ['services = 1\n', expect.stringContaining('`services` of mkGuest'), undefined],
  ['ram = 1\n', "/p/mvm.toml:1: there is no setting 'ram'.", 'did you mean memory_mib?'],
  ['flake = "."\nprofile = dev\n', '/p/mvm.toml:2:11: invalid value.', 'write: profile = "dev"'],
  ['profile: dev\n', '/p/mvm.toml:1:8: illegal character in key.', 'write: profile = "dev"'],
  ['vcpus: 2\n', expect.stringContaining('/p/mvm.toml:1:'), 'write: vcpus = 2'],
  [
    'name = "My App"\n',
    expect.stringContaining('/p/mvm.toml:1: name: must be a to z'),
    'for example: name = "my-app"',
  ],
  [
    '[env]\nA = "1"\nPORT = 80\n',
    '/p/mvm.toml:3: env.PORT: must be a string: put it in quotes.',
    'for example: PORT = "80"',
  ],
  [
    'env."A B" = "1"\n',
    expect.stringContaining('/p/mvm.toml:1: env.A B: a variable has a name'),
    expect.any(String),
  ],
  [
    '[env]\nA = "1"\nvcpus = 2\n',
    '/p/mvm.toml:3: env.vcpus: must be a string: put it in quotes.',
    'if vcpus is a setting on its own, put it above [env]',
  ],
  [
    'inputs = "x"\n',
    expect.stringContaining('/p/mvm.toml:1: inputs: '),
    expect.stringContaining('[inputs] and below it'),
  ],
  ['flake = .\n', expect.stringContaining('/p/mvm.toml:1:'), 'write: flake = "."'],
])('%j is refused with its line and a way out', (text, message, hint) => {
  expect(() => read(text)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', message, hint }));
});

test("the original's names of settings count, each with its own line", () => {
  const file = read('cpus = 1\nmem = 300\nhypervisor = "firecracker"\ndata_disk = "32G"\n');
  expect(file.values).toEqual({ vcpus: 1, memory_mib: 300, hypervisor: 'firecracker', data_disk: 32768 });
  expect(file.at('memory_mib')).toBe('/p/mvm.toml:2');
  expect(read('mem = "2G"\n').values).toEqual({ memory_mib: 2048 });
  expect(read('data_disk = 512\n').values).toEqual({ data_disk: 512 });
});

test('all mistakes are told at once, each with its line, in the order of the file, and with the right form', () => {
  const text = 'flak = "."\nvcpus = "2"\nprofile = "dev"\nmemory = 1\nbogus = 1\n[env]\nA = 1\nB = true\n';
  expect(() => read(text)).toThrow(
    expect.objectContaining({
      code: 'CONFIG_INVALID',
      message: '/p/mvm.toml has 6 mistakes.',
      details: [
        "line 1: there is no setting 'flak'; did you mean flake?",
        'line 2: vcpus: must be a whole number of at least 1; for example: vcpus = 2',
        "line 4: there is no setting 'memory'; did you mean memory_mib?",
        expect.stringMatching(/^line 5: there is no setting 'bogus'; settings: flake, /),
        'line 7: env.A: must be a string: put it in quotes; for example: A = "1"',
        'line 8: env.B: must be a string: put it in quotes; for example: B = "true"',
      ],
      hint: expect.stringContaining('mvmctl validate'),
    }),
  );
});

test.each([
  [
    'UTF-16',
    Buffer.from('\ufeffflake = "."\n', 'utf16le'),
    '/p/mvm.toml:1: the file is in UTF-16',
    '-f UTF-16 ',
  ],
  [
    'Latin 1',
    Buffer.from('#\nname = "f\xfc"\n', 'latin1'),
    '/p/mvm.toml:2: the file has bytes',
    '-f LATIN1 ',
  ],
])('a file in %s is refused with the command that converts it', (_, bytes, message, hint) => {
  expect(() => tomlText(bytes, '/p/mvm.toml')).toThrow(
    expect.objectContaining({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
    }),
  );
});

test('a byte order mark is no part of the text', () => {
  expect(tomlText(Buffer.from('\ufeffvcpus = 1'), '/p/mvm.toml')).toBe('vcpus = 1');
});

test('whatever the text: a configuration or CONFIG_INVALID with a line of the file', () => {
  const words = fc.constantFrom(
    'vcpus',
    'env',
    'inputs',
    'name',
    '=',
    '[',
    ']',
    '.',
    '"',
    '"""',
    "'",
    '1',
    'x',
    '\n',
    ' ',
    '#',
  );
  fc.assert(
    fc.property(fc.array(words, { maxLength: 30 }), (pieces) => {
      const text = pieces.join('');
      try {
        read(text);
      } catch (error) {
        if (!(error instanceof MvmError)) throw error;
        expect(error.code).toBe('CONFIG_INVALID');
        const several = / has (\d+) mistakes\.$/.exec(error.message);
        const lines =
          several === null
            ? [/^\/p\/mvm\.toml:(\d+)/.exec(error.message)?.[1]]
            : error.details.map((row) => /^line (\d+): /.exec(row)?.[1]);
        expect(lines).toHaveLength(Number(several?.[1] ?? 1));
        for (const line of lines.map(Number)) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(text.split('\n').length);
        }
      }
    }),
    { numRuns: 500 },
  );
});
