import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runJob } from '../../../src/builder/machine/job.ts';
import { ensureBuilder } from '../../../src/builder/machine/lifecycle.ts';
import type { MvmEvent } from '../../../src/events/events.ts';
import { waitForEnd } from '../../../src/process/terminate.ts';
import { findPaths } from '../../../src/state/paths.ts';
import { ownArch } from '../../../src/vm/state/record.ts';
import type { RunningVm } from '../../../src/vm/state/vm.ts';
import { endProcess, makeVmHome, type VmHome } from '../vm-home.ts';

const { signal } = new AbortController();
let home: VmHome;
let builder: RunningVm;
beforeAll(async () => {
  home = makeVmHome();
  await start();
});
afterAll(() => home.destroy());

/** The builder, and what was told on the way. */
async function start(): Promise<MvmEvent[]> {
  const events: MvmEvent[] = [];
  const paths = findPaths(home.env);
  builder = await ensureBuilder({ paths, env: home.env, emit: (event) => events.push(event), signal });
  return events;
}

const notes = (events: readonly MvmEvent[]) =>
  events.flatMap((event) => (event.type === 'note' ? event.text : []));
const phases = (events: readonly MvmEvent[]) =>
  events.flatMap((event) => (event.type === 'start' ? event.phase : []));

async function kill(): Promise<void> {
  endProcess(builder.vmm.pid);
  expect(await waitForEnd(builder.vmm, 10_000)).toBe(true);
}

async function inBuilder(script: string): Promise<string> {
  const output: string[] = [];
  const take = (chunk: Buffer) => output.push(chunk.toString());
  const status = await runJob(builder, ['bash', '-ec', script], { onStdout: take, onStderr: take, signal });
  expect(status, output.join('')).toBe(0);
  return output.join('');
}

/** The store path of a file that a shell makes. */
async function make(name: string): Promise<string> {
  const script = `for i in {1..2000}; do echo $i of ${name}; done >$out`;
  const expr = `derivation { name = "${name}"; system = "${ownArch()}-linux"; builder = "/bin/sh"; args = [ "-c" "${script}" ]; }`;
  const said = await inBuilder(
    `nix build --offline --impure --no-link --print-out-paths --expr '${expr}' 2>&1`,
  );
  return said.trim().split('\n').at(-1) ?? '';
}

const damage = (path: string) => inBuilder(`printf damaged | dd conv=notrunc of=${path} 2>&1; sync`);

/** What a flake's build prints: Nix and its store work. */
async function build() {
  const dev = `derivation { name = "dev"; system = "${ownArch()}-linux"; builder = "/bin/sh"; args = [ "-c" "echo works; exit 1" ]; }`;
  writeFileSync(
    join(home.project, 'flake.nix'),
    `{ outputs = _: { packages.${ownArch()}-linux.dev = ${dev}; }; }`,
  );
  return home.run(['build', '--flake', '.', '--profile', 'dev']);
}

test('a machine that is killed as soon as a new store’s first build is done: what was registered is whole', async () => {
  await make('first');
  const last = await make('last');
  await kill();
  const events = await start();
  expect(phases(events)).toContain('check');
  expect(notes(events)).toEqual([]);
  // The last one may be unknown, but not half.
  const said = await inBuilder(
    'nix-store --verify --check-contents 2>&1; nix-store --query --hash /nix/store/*-first',
  );
  expect(said).not.toContain('was modified');
  expect(await make('last')).toBe(last);
});

test('a machine that is stopped leaves a store that needs no check', async () => {
  expect((await home.run(['builder', 'stop'])).status).toBe(0);
  expect(phases(await start())).not.toContain('check');
});

test('a path that a killed machine left damaged is found, told, removed with what refers to it, and built again', async () => {
  const path = await make('victim');
  await damage(path);
  await kill();
  expect(notes(await start())).toEqual([
    'The builder was killed, which damaged 1 paths in its store (victim). They have been removed, and will be built again when they are needed.',
  ]);
  expect(await make('victim')).toBe(path);
  expect(await inBuilder(`nix-store --verify-path ${path} && head -n 1 ${path}`)).toBe('1 of victim\n');
});

test('a database that a killed machine left damaged: the store is made anew, and that is told', async () => {
  await inBuilder('for f in /nix/var/nix/db/db.sqlite*; do : >$f; done; sync');
  await kill();
  expect(notes(await start())).toEqual([
    expect.stringMatching(/^The builder’s store was damaged \(.+\)\. It has been recreated; /),
  ]);
  await make('first');
});

// What Nix says of other damage: src/builder/nix/explain.test.ts.
test('a store that shows in a build that it is damaged is made anew, and the build goes on', async () => {
  await build();
  // It may be another by now.
  await start();
  const empty = 'for f in /nix/store/*-dev.drv; do chmod +w $f; : >$f; done';
  await inBuilder(`${empty}; rm -rf /nix/var/mvm/cache/nix; sync`);
  const { status, stderr } = await build();
  expect(stderr).toMatch(
    /The builder’s store was damaged \(.+\)\. It has been recreated; what is needed will be fetched and built again\./,
  );
  expect(stderr).toContain('| works');
  expect(status).toBe(1);
});

test('a file system that can’t be mounted: the store is made anew', async () => {
  await start();
  await kill();
  writeFileSync(builder.paths.disk, Buffer.alloc(4096), { flag: 'r+' });
  expect(notes(await start())).toEqual([expect.stringContaining('has been recreated')]);
  expect((await build()).stderr).toContain('| works');
});
