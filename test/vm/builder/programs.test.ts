import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { bundles } from '../../../src/builder/library/library.ts';
import { findPaths } from '../../../src/state/paths.ts';
import { defaultImage } from '../../../src/vm/images/default-image.ts';
import { ownArch } from '../../../src/vm/state/record.ts';
import { testCache } from '../../mvmctl.ts';
import { type NixThere, nixThere } from '../nix-there.ts';

/**
 * Skipped unless MVM_REQUIRE_PROGRAMS=1: it downloads a gigabyte and unpacks three, which takes an emulated builder
 * eleven minutes. Run it after every change of nix/debian. What the specification's flakes use runs in every test run.
 */
const required = process.env.MVM_REQUIRE_PROGRAMS === '1';

const list = join(import.meta.dirname, '../../../nix/debian/programs.json');
const { signal } = new AbortController();

const arch = ownArch();

let nix: NixThere;
let set: string;
beforeAll(async () => {
  nix = await nixThere();
  const paths = findPaths({ MVM_STATE_DIR: inject('builderState'), MVM_CACHE_DIR: testCache });
  const options = { paths, env: process.env, emit() {}, signal };
  const sent = await bundles(arch, await defaultImage(arch, options), [], options);
  for (const bundle of sent) if (bundle.input === 'nixpkgs') set = await nix.bundle(bundle);
});
afterAll(() => nix.dispose());

async function run(argv: readonly string[]): Promise<{ status: number | null; output: string }> {
  const { status, stdout, stderr } = await nix.run(argv);
  return { status, output: stderr + stdout };
}

test('what flakes call of nixpkgs evaluates, or is refused in words that name it and the way around', async () => {
  const argv = ['nix-instantiate', '--eval', '--strict', '--read-write-mode', '--argstr', 'system'];
  const { status, output } = await run([...argv, `${arch}-linux`, `${set}/evaluation.nix`]);
  expect({ status, output: output.trim().split('\n').at(-1) }, output).toEqual({ status: 0, output: '[ ]' });
});

test.skipIf(!required)(
  'the builders of nix/debian, a compiler and npm among them, do what flakes expect of them',
  async () => {
    const built = await run(['nix-build', `${set}/checks.nix`, '--no-out-link', '--keep-going']);
    expect(built.status, built.output.slice(-5000)).toBe(0);
  },
  3_600_000,
);

test.skipIf(!required)(
  'the main program of every package of nix/debian runs',
  async () => {
    const expression = `${set}/programs.nix`;
    const derivations = await run(['nix-instantiate', expression]);
    const names = Object.keys(JSON.parse(readFileSync(list, 'utf8')) as Record<string, string[]>);
    expect(programsIn(derivations.output)).toEqual(names.sort());

    const { output } = await run(['nix-build', expression, '--no-out-link', '--keep-going']);
    const failed = programsIn(
      output
        .split('\n')
        .filter((line) => line.startsWith('error:'))
        .join('\n'),
    );
    expect(failed, output.slice(-5000)).toEqual(await unable());
  },
  3_600_000,
);

/** Names of the derivations `run-NAME` in a text, each once. */
function programsIn(text: string): string[] {
  const found = [...text.matchAll(/\/[0-9a-z]{32}-run-([\w+.-]+)\.drv/g)].map((match) => match[1] ?? '');
  return [...new Set(found)].sort();
}

/** HAProxy is compiled with CMPXCHG16B, which a CPU that QEMU before 8.0 emulates for mvm has not (`cpuModel`). */
async function unable(): Promise<string[]> {
  const { output } = await run(['grep', '-m1', '^flags', '/proc/cpuinfo']);
  return arch === 'x86_64' && !/ cx16( |$)/m.test(output) ? ['haproxy'] : [];
}
