import { expect, test } from 'vitest';
import { parseProjectConfig } from './project-config.ts';
import { orElse, settle } from './settings.ts';

const file = parseProjectConfig(
  'vcpus = 2\nmemory_mib = 512\nname = "app"\n[env]\nA = "1"\n[inputs]\nnixpkgs = "debian"\nother = "github:a/b"\n',
  '/p/mvm.toml',
);

test('flags win over the environment, it over mvm.toml, and each value says where it is from', () => {
  const env = { MVM_VCPUS: '3', MVM_MEMORY: '2G', MVM_NIXPKGS: '' };
  expect(settle({ vcpus: 4 }, env, file)).toEqual({
    vcpus: { value: 4, source: 'flag --vcpus' },
    memoryMib: { value: 2048, source: 'MVM_MEMORY' },
    nixpkgs: { value: 'debian', source: '/p/mvm.toml:7' },
    name: { value: 'app', source: '/p/mvm.toml:3' },
    env: { A: { value: '1', source: '/p/mvm.toml:5' } },
    inputs: { other: { value: 'github:a/b', source: '/p/mvm.toml:8' } },
  });
});

test('a variable of the command line is over that of mvm.toml', () => {
  expect(settle({ env: { A: '2', B: '' } }, {}, file).env).toEqual({
    A: { value: '2', source: 'flag --env' },
    B: { value: '', source: 'flag --env' },
  });
});

test('what nobody asked for is the image’s or the built-in value', () => {
  const settings = settle({}, {}, undefined);
  expect(settings).toEqual({ env: {}, inputs: {} });
  expect(orElse(settings.vcpus, 1, 'image')).toEqual({ value: 1, source: 'image' });
  expect(orElse(settle({ profile: 'x' }, {}, file).profile, 'dev', 'default').source).toBe('flag --profile');
});

test('a wrong variable is refused by its name', () => {
  expect(() => settle({}, { MVM_VCPUS: 'many' }, file)).toThrow(
    expect.objectContaining({
      code: 'CONFIG_INVALID',
      message: "MVM_VCPUS: 'many' is not a whole number of at least 1.",
      hint: 'unset MVM_VCPUS',
    }),
  );
});
