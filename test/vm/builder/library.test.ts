import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { runJob } from '../../../src/builder/machine/job.ts';
import { ensureBuilder } from '../../../src/builder/machine/lifecycle.ts';
import { sendTree } from '../../../src/builder/place/tree.ts';
import { readSource } from '../../../src/project/source.ts';
import { tarStream } from '../../../src/project/tar-source.ts';
import { findPaths } from '../../../src/state/paths.ts';
import type { RunningVm } from '../../../src/vm/state/vm.ts';
import { testCache } from '../../mvmctl.ts';
import { makeBuilderHome } from '../vm-home.ts';

const root = join(import.meta.dirname, '../../..');
const library = '/mvm/library';
const fake = `path:${library}/nix/checks/fake-nixpkgs`;
const { signal } = new AbortController();

let builder: RunningVm;

beforeAll(async () => {
  const paths = findPaths({ MVM_STATE_DIR: inject('builderState'), MVM_CACHE_DIR: testCache });
  builder = await ensureBuilder({ paths, env: process.env, emit() {}, signal });
  const source = await readSource(root, { env: process.env, signal, cacheDir: join(testCache, 'projects') });
  const wanted = /^(?:flake\.nix|nix\/(?!debian\/)|docs\/guide\/mkguest\.md|examples\/)/;
  const entries = source.entries.filter(({ path }) => wanted.test(path));
  await sendTree(builder, tarStream({ root, entries }, signal), library, { signal });
});

/** Runs Nix as a person in the builder does. */
async function nix(argv: readonly string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  const options = ['--extra-experimental-features', 'nix-command flakes', '--no-write-lock-file'];
  const status = await runJob(builder, ['nix', ...argv, ...options], {
    onStdout: (chunk) => out.push(chunk),
    onStderr: (chunk) => err.push(chunk),
    signal,
  });
  return { status, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
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
      const flake = `/mvm/${folder}-${system}`;
      const edit = `rm -rf "$2"; cp -R "$1" "$2"; sed -i 's/system = "[^"]*"/system = "'"$3"'"/' "$2/flake.nix"`;
      const argv = ['sh', '-ec', edit, 'sh', `${library}/examples/${folder}`, flake, system];
      expect(await runJob(builder, argv, { signal })).toBe(0);
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
