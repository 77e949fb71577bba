import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { runJob } from '../../../src/builder/machine/job.ts';
import { ensureBuilder } from '../../../src/builder/machine/lifecycle.ts';
import { findPaths } from '../../../src/state/paths.ts';
import { ownArch } from '../../../src/vm/state/record.ts';
import type { RunningVm } from '../../../src/vm/state/vm.ts';
import { testCache } from '../../mvmctl.ts';
import { qemusIn } from '../../processes.ts';
import { endProcess, makeBuilderHome, type VmHome } from '../vm-home.ts';

const system = `${ownArch()}-linux`;
const { signal } = new AbortController();
const state = mkdtempSync(join(tmpdir(), 'mvm-bad-days-'));
const paths = findPaths({ MVM_STATE_DIR: state, MVM_CACHE_DIR: testCache });
const start = () => ensureBuilder({ paths, env: process.env, emit() {}, signal });

let builder: RunningVm;
let home: VmHome;
beforeAll(async () => {
  builder = await start();
});
beforeEach(() => {
  home = makeBuilderHome(state);
  return () => home.destroy();
});
afterAll(() => {
  for (const pid of qemusIn(state)) endProcess(pid);
  rmSync(state, { recursive: true, force: true });
});

const at = (name: string) => join(home.project, name);
const argv = ['build', '--flake', '.', '--profile', 'dev'];
const build = () => home.run(argv);

/** A flake whose `dev` is this expression. */
function flake(dev: string, inputs = ''): void {
  const text = `{ ${inputs} outputs = { self, ... }@all: {\n  packages.${system}.dev =\n    ${dev};\n}; }\n`;
  writeFileSync(at('flake.nix'), text);
}

/** What a shell script builds. */
const built = (script: string) =>
  `derivation { name = "dev"; system = "${system}"; builder = "/bin/sh"; args = [ "-c" ${JSON.stringify(script)} ]; }`;

async function failure(): Promise<string> {
  const { status, stdout, stderr } = await build();
  expect({ status, stdout }, stderr).toEqual({ status: 1, stdout: '' });
  return stderr.slice(stderr.indexOf('error:'));
}

async function inBuilder(script: string): Promise<string> {
  const output: string[] = [];
  const take = (chunk: Buffer) => output.push(chunk.toString());
  const status = await runJob(builder, ['sh', '-ec', script], { onStdout: take, onStderr: take, signal });
  expect(status, output.join('')).toBe(0);
  return output.join('');
}

const nixProcesses = () => inBuilder('cat /proc/[0-9]*/comm | grep -c "^nix" || :');

test('an evaluation that never ends: Ctrl-C ends it here and in the builder', async () => {
  // No memory and no depth: it just goes on.
  const more = "n: builtins.foldl' (a: _: if n == 0 then a else (more (n - 1))) 0 thousand";
  flake(`let thousand = builtins.genList (x: x) 1000; more = ${more}; in builtins.toString (more 9)`);
  const running = home.start(argv);
  await running.says('evaluating');
  running.kill('SIGINT');
  const { status, stderr } = await running.done;
  expect(status).toBe(130);
  expect(stderr).toMatch(/\nerror: Interrupted\.\n$/);
  await expect.poll(nixProcesses, { timeout: 20_000 }).toBe('0\n');
});

test('a builder that stands still is told, and the build goes on when it does', async () => {
  flake(built('while :; do :; done'));
  const running = home.start(argv);
  await running.says('building');
  process.kill(builder.vmm.pid, 'SIGSTOP');
  try {
    await running.says(
      `VM 'mvm-builder' is frozen: its VMM (process ${builder.vmm.pid}) was stopped by a signal`,
    );
  } finally {
    process.kill(builder.vmm.pid, 'SIGCONT');
  }
  await running.says('answers again');
  running.kill('SIGINT');
  await running.done;
});

test('a builder whose guest hangs is ended, and the build runs in another', async () => {
  const first = builder.vmm.pid;
  // The agent itself, with all that it would answer with.
  const freeze = 'cd /sys/fs/cgroup; mkdir frozen; echo 1 >frozen/cgroup.procs; echo 1 >frozen/cgroup.freeze';
  const freezing = runJob(builder, ['sh', '-c', freeze], { signal });
  freezing.catch(() => {}); // it ends with the builder
  const now = async () => (await home.run(['builder', 'status', '--json'])).stdout;
  await expect.poll(now, { timeout: 30_000 }).toContain('"status": "not responding"');
  flake(built('echo again; exit 1'));
  const error = await failure();
  expect(error).toContain('| again');
  builder = await start();
  expect(builder.vmm.pid).not.toBe(first);
});

test('an input by path outside of the project is told as such, with its name', async () => {
  for (const url of ['path:/no/such/place', 'path:../other']) {
    flake('all.other', `inputs.other.url = "${url}";`);
    const error = await failure();
    expect(error).toContain("The input 'other' uses a path outside the project");
    expect(error).toContain('→ move it into the project');
  }
});

test('a source with links out of it, and with a huge file: told before it is sent, and Ctrl-C ends the sending', async () => {
  flake(built('exit 1'));
  symlinkSync('/etc/hostname', at('out'));
  writeFileSync(at('huge'), '');
  truncateSync(at('huge'), 2 ** 31);
  const running = home.start(argv);
  await running.says('Sending the source');
  running.kill('SIGINT');
  const { status, stderr } = await running.done;
  expect(status).toBe(130);
  expect(stderr).toContain(
    'Links that lead outside the project point to nothing in a build: out → /etc/hostname.',
  );
  expect(stderr).toContain('The source is 2147 MB, of which huge is 2147 MB');
  expect(stderr).toContain('only files that git tracks are used');
  expect(await inBuilder('echo alive')).toBe('alive\n');
});

test('a full store: what no build needs goes first; then one error that says so and how to empty it', async () => {
  const fill = '/nix/var/mvm/fill';
  await inBuilder(
    `nix store gc 2>&1; fallocate -l $(( $(df -B1 --output=avail /nix | tail -1) - 200000000 )) ${fill}`,
  );
  const fills = (name: string) =>
    built('printf %120000000s x >$out').replace('"dev"', JSON.stringify(name)).replaceAll("'", "'\\''");
  try {
    for (const name of ['old', 'new']) {
      await inBuilder(`nix build --impure --no-link --expr '${fills(name)}' 2>&1`);
    }
    flake(built('printf %300000000s x >$out'));
    const error = await failure();
    expect(error).toContain('The disk of the builder’s store is full.');
    expect(error).toContain('→ mvmctl builder reset');
  } finally {
    // The next test kills the builder: what is not written by then comes back.
    await inBuilder(`rm ${fill}; sync`);
  }
});

test('a builder that is killed in mid-build: an error with its log; the next build starts another', async () => {
  flake(built('echo $PATH is where I am; while :; do :; done'));
  const running = home.start(argv);
  await expect.poll(nixProcesses, { timeout: 60_000 }).not.toBe('0\n');
  await running.says('Building packages.');
  endProcess(builder.vmm.pid);
  const { status, stderr } = await running.done;
  expect(status).toBe(1);
  expect(stderr).toContain('error: The builder VM ended in the middle of a job.\n');
  expect(stderr).toMatch(/log: \/.*console\.log\n/);
  flake(built('echo again; exit 1'));
  expect(await failure()).toContain('| again');
  builder = await start();
});
