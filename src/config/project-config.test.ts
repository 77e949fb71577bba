import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MvmError } from '../errors/mvm-error.ts';
import { parseProjectConfig } from './project-config.ts';

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
  ['#\nvcpus = "2"\n', '/p/mvm.toml:2: vcpus: must be a whole number of at least 1.', undefined],
  ['vcpus = 0\n', '/p/mvm.toml:1: vcpus: must be a whole number of at least 1.', undefined],
  ['memory_mib = 1.5\n', '/p/mvm.toml:1: memory_mib: must be a whole number of at least 64.', undefined],
  ['name = "My App"\n', expect.stringContaining('/p/mvm.toml:1: name: must be a to z'), undefined],
  ['[env]\nA = "1"\nPORT = 80\n', '/p/mvm.toml:3: env.PORT: must be a string: put it in quotes.', undefined],
  ['env."A B" = "1"\n', expect.stringContaining('/p/mvm.toml:1: env.A B: a variable has a name'), undefined],
  [
    '[env]\nA = "1"\nvcpus = 2\n',
    '/p/mvm.toml:3: env.vcpus: must be a string: put it in quotes.',
    'if vcpus is a setting of its own, put it above [env]',
  ],
  ['inputs = "x"\n', expect.stringContaining('/p/mvm.toml:1: inputs: '), undefined],
  ['flake = .\n', expect.stringContaining('/p/mvm.toml:1:'), undefined],
])('%j is refused with its line and a way out', (text, message, hint) => {
  expect(() => read(text)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', message, hint }));
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
        const line = Number(/^\/p\/mvm\.toml:(\d+)/.exec(error.message)?.[1]);
        expect(line).toBeGreaterThanOrEqual(1);
        expect(line).toBeLessThanOrEqual(text.split('\n').length);
      }
    }),
    { numRuns: 500 },
  );
});
