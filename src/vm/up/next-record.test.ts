import { expect, test } from 'vitest';
import type { Settings } from '../../config/settings.ts';
import { imageSpec } from '../../image/image-spec.fixture.ts';
import type { VmRecord } from '../state/record.ts';
import { askedImage, differences, nextRecord } from './next-record.ts';

const image = { spec: imageSpec() };
const vm = { kind: 'dev', name: 'demo', arch: 'x86_64', project: '/p', own: true } as const;
const nothing: Settings = { env: {}, inputs: {} };
const record = (before: VmRecord | undefined, settings: Partial<Settings>) =>
  nextRecord(before, image, { ...nothing, ...settings }, vm);

test('a new VM has what was asked for, else what the image says, and knows which', () => {
  const made = record(undefined, {
    vcpus: { value: 1, source: '/p/mvm.toml:3' },
    env: { A: { value: '1', source: '/p/mvm.toml:6' } },
  });
  expect(made).toMatchObject({
    defaultOf: '/p',
    vcpus: 1,
    memoryMib: 512,
    env: { A: '1' },
    sources: { vcpus: '/p/mvm.toml:3', memoryMib: 'image', 'env.A': '/p/mvm.toml:6' },
  });
});

test('a flag is remembered until mvm.toml or another flag says otherwise', () => {
  const first = record(undefined, { memoryMib: { value: 900, source: 'flag --memory' } });
  expect(record(first, {}).memoryMib).toBe(900);
  expect(record(first, { memoryMib: { value: 256, source: '/p/mvm.toml:1' } }).memoryMib).toBe(256);
});

test('what mvm.toml said is forgotten when its line is removed', () => {
  const first = record(undefined, {
    memoryMib: { value: 900, source: '/p/mvm.toml:1' },
    env: { A: { value: '1', source: '/p/mvm.toml:2' } },
  });
  expect(record(first, {})).toMatchObject({ memoryMib: 512, env: {}, sources: { memoryMib: 'image' } });
});

test('a record of an older mvmctl keeps its sizes', () => {
  const old = { ...record(undefined, {}), memoryMib: 700, sources: {} };
  expect(record(old, {}).memoryMib).toBe(700);
});

test('what a running VM has otherwise is told with the place that says so', () => {
  const boot = { vcpus: 1, memoryMib: 512, env: { A: '1' } };
  expect(differences(boot, nothing, {})).toEqual(['another environment (A)']);
  expect(differences(boot, nothing, { 'env.A': 'flag --env' })).toEqual([]);
  const settings = {
    ...nothing,
    vcpus: { value: 2, source: '/p/mvm.toml:3' },
    env: { A: { value: '1', source: 'x' } },
  };
  expect(differences(boot, settings, {})).toEqual(['1 vCPU (/p/mvm.toml:3: 2)']);
});

test('a running VM of another image than the one that is asked for now is told', () => {
  const asked = (profile: string) => ({
    ...nothing,
    flake: { value: '.', source: '/p/mvm.toml:1' },
    profile: { value: profile, source: 'flag --profile' },
  });
  const boot = { vcpus: 1, memoryMib: 512, env: {}, asked: askedImage(asked('web')) };
  expect(boot.asked).toEqual({ flake: '.', profile: 'web' });
  expect(differences(boot, asked('web'), {})).toEqual([]);
  expect(differences(boot, asked('worker'), {})).toEqual(['profile web (flag --profile: worker)']);
  const nixpkgs = { ...asked('web'), nixpkgs: { value: 'debian', source: 'flag --nixpkgs' } };
  expect(differences(boot, nixpkgs, {})).toEqual(['nixpkgs as it is by default (flag --nixpkgs: debian)']);
});
