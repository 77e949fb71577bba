import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSource } from '../../../src/project/source.ts';
import { testCache } from '../../mvmctl.ts';
import { type NixThere, nixThere } from '../nix-there.ts';
import { makeBuilderHome } from '../vm-home.ts';

const root = join(import.meta.dirname, '../../..');
const { signal } = new AbortController();

let there: NixThere;
let library: string;
let fake: string;

beforeAll(async () => {
  there = await nixThere();
  const source = await readSource(root, { env: process.env, signal, cacheDir: join(testCache, 'projects') });
  const wanted = /^(?:flake\.nix|nix\/(?!debian\/)|docs\/guide\/mkguest\.md|examples\/)/;
  const entries = source.entries.filter(({ path }) => wanted.test(path));
  library = await there.source({ root, entries }, 'library');
  fake = `path:${library}/nix/checks/fake-nixpkgs`;
});
afterAll(() => there.dispose());

function nix(argv: readonly string[]) {
  const options = ['--extra-experimental-features', 'nix-command flakes', '--no-write-lock-file'];
  return there.run(['nix', ...argv, ...options]);
}

test('nix flake check: the errors of every wrong argument, and the metadata, for both systems', async () => {
  const check = ['flake', 'check', `path:${library}`, '--all-systems', '--no-build'];
  const { status, stderr } = await nix([...check, '--override-input', 'nixpkgs', fake]);
  expect(status, stderr).toBe(0);
  for (const system of ['x86_64-linux', 'aarch64-linux']) {
    for (const name of ['errors', 'guest', 'metadata', 'nearest', 'reference', 'services'])
      expect(stderr).toContain(`checking derivation checks.${system}.${name}`);
  }
});

describe("the specification's flakes tell what they are without a build", () => {
  const shell = { accessible: true, sealed: false, entrypointKind: 'shell' };
  const command = { ...shell, entrypointKind: 'command' };
  const flakes = [
    ['dev-shell', 'dev', { ...shell, expectedBootMs: 300, vcpus: 2, memoryMib: 1024 }],
    ['dev-shell', 'default', { ...command, accessible: false, sealed: true }],
    ['dev-services', 'dev', shell],
    ['dev-program', 'dev', command],
  ] as const;

  test.each(['x86_64-linux', 'aarch64-linux'])('on %s', async (system) => {
    const inputs = ['mvm', `path:${library}`, 'nixpkgs', fake, 'mvm/nixpkgs', fake];
    const overrides = inputs.flatMap((_, at) =>
      at % 2 === 0 ? ['--override-input', ...inputs.slice(at, at + 2)] : [],
    );
    for (const [folder, output, expected] of flakes) {
      const flake = join(there.dir, `${folder}-${system}`);
      const edit = `rm -rf "$2"; cp -R "$1" "$2"; sed -i 's/system = "[^"]*"/system = "'"$3"'"/' "$2/flake.nix"`;
      const argv = ['sh', '-ec', edit, 'sh', `${library}/examples/${folder}`, flake, system];
      expect((await there.run(argv)).status).toBe(0);
      const asked = [`path:${flake}#${output}.passthru.mvm`, '--json', '--system', system, ...overrides];
      const { status, stdout, stderr } = await nix(['eval', ...asked]);
      expect(status, stderr).toBe(0);
      expect(JSON.parse(stdout), `${folder} ${output}`).toMatchObject(expected);
      expect(stderr).not.toContain('building');
    }
  });
});

describe('an image for another architecture', () => {
  const home = makeBuilderHome();
  const flake = join(home.project, 'flake.nix');
  afterAll(() => home.destroy());
  const build = () => home.run(['build', '--profile', 'dev', '--arch', 'aarch64', '--nixpkgs', 'debian']);

  test('of a flake without it names what to add', async () => {
    cpSync(join(root, 'examples/dev-shell'), home.project, { recursive: true });
    const { status, stderr } = await build();
    expect(status).toBe(1);
    expect(stderr).toContain('The flake has no output packages.aarch64-linux.dev.');
    expect(stderr).toContain('packages.x86_64-linux has: default, dev');
    expect(stderr).toContain("add to the flake's outputs: packages.aarch64-linux.dev = mvm.lib");
  });

  test('is evaluated to the end with packages of that architecture', async () => {
    const text = readFileSync(flake, 'utf8').replace('"x86_64-linux"', '"aarch64-linux"');
    // A package that only Debian's own name reaches, and that the lock has not.
    writeFileSync(flake, text.replace(/^ *ripgrep$/m, 'ripgrep debian.figlet'));
    const { status, stderr } = await build();
    expect(status).toBe(1);
    expect(stderr).toContain('packages.aarch64-linux.dev evaluates without errors, but can');
  });
});
