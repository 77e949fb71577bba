import { mkdtempSync, rmSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { extract, pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runJob } from '../../../src/builder/machine/job.ts';
import { type BuilderOptions, ensureBuilder } from '../../../src/builder/machine/lifecycle.ts';
import { builderFiles } from '../../../src/builder/machine/paths.ts';
import { takeTurn } from '../../../src/builder/machine/queue.ts';
import { builderStatus, resetBuilder, stopBuilder } from '../../../src/builder/machine/status.ts';
import { type NixBuildOptions, nixBuild, nixEval, sourceDir } from '../../../src/builder/nix/build.ts';
import { receiveTree, sendTree } from '../../../src/builder/place/tree.ts';
import type { MvmEvent } from '../../../src/events/events.ts';
import { isAlive } from '../../../src/process/identity.ts';
import { waitForEnd } from '../../../src/process/terminate.ts';
import { findPaths } from '../../../src/state/paths.ts';
import { ownArch } from '../../../src/vm/state/record.ts';
import type { RunningVm } from '../../../src/vm/state/vm.ts';
import { testCache } from '../../mvmctl.ts';
import { endProcess } from '../vm-home.ts';

const home = mkdtempSync(join(tmpdir(), 'mvm-builder-'));
const paths = findPaths({ HOME: home, MVM_CACHE_DIR: testCache });
const signal = new AbortController().signal;
const events: MvmEvent[] = [];
const options: BuilderOptions = {
  paths,
  env: process.env,
  emit: (event) => events.push(event),
  signal,
  size: { vcpus: 1, memoryMib: 1024 },
};
const system = `${ownArch()}-linux`;
const dev = `packages.${system}.dev`;
/** No cache of binaries: what is built here needs none, and not every host reaches one. */
const settings = { substituters: '' };

let vm: RunningVm;
const start = async (more: Partial<BuilderOptions> = {}) => {
  vm = await ensureBuilder({ ...options, ...more });
  return vm;
};
beforeAll(() => start());
afterAll(async () => {
  const pid = (await builderStatus(paths)).pid;
  if (pid !== null) endProcess(pid);
  rmSync(home, { recursive: true, force: true });
});

type Asked = Partial<NixBuildOptions> & { source: Readable; onLog?: (line: string) => void };

/** Options for Nix on a project that is sent first. */
async function on({ source, onLog, ...more }: Asked): Promise<NixBuildOptions> {
  await sendTree(vm, source, sourceDir, { signal });
  return {
    run: (argv, job) => runJob(vm, argv, job),
    flake: `path:${sourceDir}`,
    attribute: dev,
    settings,
    listener: { progress() {}, status() {}, logLine: (line) => onLog?.(line) },
    signal,
    ...more,
  };
}
const build = async (asked: Asked) => (await nixBuild(await on(asked))).path;

/** A project whose `dev` is built by this shell script. */
function project(script: string, more = ''): Readable {
  const flake = `{ outputs = { self }: { packages.${system}.dev = derivation {
    name = "dev"; system = "${system}"; builder = "/bin/sh"; args = [ "-c" ${JSON.stringify(script)} ];
  } // { passthru.mvm.accessible = true; }; ${more} }; }`;
  const tar = pack();
  tar.entry({ name: 'flake.nix' }, flake);
  tar.finalize();
  return Readable.from(tar);
}

async function output(argv: readonly string[]): Promise<string> {
  const out: Buffer[] = [];
  const status = await runJob(vm, argv, { onStdout: (chunk) => out.push(chunk), signal });
  expect(status).toBe(0);
  return Buffer.concat(out).toString();
}

describe('the builder', () => {
  it('has the Nix of Debian stable, and what images are made with', async () => {
    expect(await output(['nix', '--version'])).toContain('2.26');
    expect(await output(['sh', '-c', 'git --version; mkfs.erofs --version; patchelf --version'])).toMatch(
      /git version [\s\S]*erofs-utils[\s\S]*patchelf/,
    );
  });

  it('is one, however many ask for it', async () => {
    const [a, b] = await Promise.all([ensureBuilder(options), ensureBuilder(options)]);
    expect([a.vmm.pid, b.vmm.pid]).toEqual([vm.vmm.pid, vm.vmm.pid]);
  });

  it('tells what it is', async () => {
    expect(await builderStatus(paths)).toMatchObject({
      status: 'running',
      pid: vm.vmm.pid,
      vcpus: 1,
      memoryMib: 1024,
      job: null,
      problem: null,
    });
  });
});

describe('Nix in the builder', () => {
  it('builds a flake that comes as a stream, in a sandbox, and hands the result out as one', async () => {
    const lines: string[] = [];
    const path = await build({
      source: project('echo hello > $out; [ ! -e /nix/var ] && echo sandboxed >> $out'),
      outLink: '/nix/var/mvm/roots/test',
      onLog: (line) => lines.push(line),
    });
    expect(path).toMatch(/^\/nix\/store\/[a-z0-9]{32}-dev$/);
    expect(lines).toContainEqual(expect.stringMatching(/^building '.*-dev\.drv'/));
    expect(await output(['cat', path])).toBe('hello\nsandboxed\n');
  });

  it('evaluates without building', async () => {
    const found = await nixEval(await on({ source: project('exit 1'), attribute: `${dev}.passthru.mvm` }));
    expect(found).toEqual({ accessible: true });
  });

  it('tells a build that fails by the end of its log', async () => {
    const failing = build({
      source: project('echo the reason; exit 3'),
    });
    await expect(failing).rejects.toMatchObject({
      code: 'BUILD_FAILED',
      message: expect.stringContaining('failed with exit code 3'),
      details: ['the reason'],
    });
  });

  it('tells a flake that is wrong by file and line', async () => {
    const wrong = build({ source: project('', 'x = ;') });
    await expect(wrong).rejects.toMatchObject({
      code: 'EVAL_FAILED',
      message: expect.stringMatching(/^flake\.nix:3:\d+: syntax error/),
    });
  });

  it('tells an attribute that is missing by its nearest name', async () => {
    const missing = build({
      source: project(''),
      attribute: `packages.${system}.dex`,
    });
    await expect(missing).rejects.toMatchObject({
      code: 'OUTPUT_MISSING',
      hint: 'did you mean dev?',
    });
  });

  it('ends inside when it is cancelled, and the builder goes on', async () => {
    const cancel = new AbortController();
    const building = build({
      source: project('echo up; while :; do :; done # endless-4711'),
      onLog: (line) => {
        if (line === 'dev> up') cancel.abort(new Error('Ctrl-C'));
      },
      signal: cancel.signal,
    });
    await expect(building).rejects.toThrow('Ctrl-C');
    await expect
      .poll(() => output(['sh', '-c', 'cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" " " || :']), {
        timeout: 20_000,
      })
      .not.toContain('endless-' + '4711');
    expect(await output(['echo', 'alive'])).toBe('alive\n');
  });
});

describe('trees', () => {
  it('go in and come out unchanged', async () => {
    const tar = pack();
    tar.entry({ name: 'a/run', mode: 0o755 }, 'x'.repeat(3_000_000));
    tar.entry({ name: 'a/link', type: 'symlink', linkname: '../nowhere' });
    tar.finalize();
    await sendTree(vm, Readable.from(tar), '/mvm/tree', { signal });
    const found: Record<string, unknown> = {};
    const reader = extract();
    receiveTree(vm, '/mvm/tree', { signal }).pipe(reader);
    for await (const entry of reader) {
      let size = 0;
      for await (const chunk of entry) size += (chunk as Buffer).length;
      const { name, mode = 0, linkname } = entry.header;
      found[name] = entry.header.type === 'symlink' ? linkname : [entry.header.type, mode & 0o777, size];
    }
    expect(found).toEqual({
      './': ['directory', 0o755, 0],
      './a/': ['directory', 0o755, 0],
      './a/link': '../nowhere',
      './a/run': ['file', 0o755, 3_000_000],
    });
  });

  it('that break off on the way are not taken for whole ones', async () => {
    async function* half() {
      yield Buffer.alloc(5000);
      throw new Error('cut off');
    }
    await expect(sendTree(vm, Readable.from(half()), '/mvm/half', { signal })).rejects.toThrow('cut off');
  });

  it('that are not there are an error', async () => {
    const reading = receiveTree(vm, '/no/such', { signal }).toArray();
    await expect(reading).rejects.toMatchObject({ code: 'BUILDER_FAILED' });
  });
});

describe('builds of several commands', () => {
  it('wait for each other and say for what', async () => {
    const first = Promise.withResolvers<void>();
    const turn = { paths, emit: options.emit, signal };
    const holding = takeTurn({ ...turn, what: 'dev of /home/me/project' }, () => first.promise);
    const order: string[] = [];
    await expect.poll(async () => (await builderStatus(paths)).job?.what).toBe('dev of /home/me/project');
    await expect(stopBuilder({ ...turn })).rejects.toMatchObject({ code: 'VM_BUSY' });
    const second = takeTurn({ ...turn, what: 'other' }, async () => void order.push('second'));
    await expect.poll(() => JSON.stringify(events)).toContain('The builder is busy: dev of /home/me/project');
    order.push('first');
    first.resolve();
    await Promise.all([holding, second]);
    expect(order).toEqual(['first', 'second']);
  });
});

describe('the store', () => {
  const built = () => build({ source: project('echo $RANDOM > $out'), outLink: '/nix/var/mvm/roots/kept' });

  it('survives a stop', async () => {
    const path = await built();
    const text = await output(['cat', path]);
    expect(await stopBuilder(options)).toBe(true);
    expect(await builderStatus(paths)).toMatchObject({ status: 'stopped', pid: null });
    await start();
    expect(await built()).toBe(path);
    expect(await output(['cat', path])).toBe(text);
  });

  it('survives a killed builder, and the build that ran in it says so', async () => {
    const path = await built();
    await output(['sync']);
    const cut = build({
      source: project('echo up; while :; do :; done'),
      onLog: (line) => {
        if (line === 'dev> up') endProcess(vm.vmm.pid);
      },
    });
    await expect(cut).rejects.toMatchObject({ code: 'BUILDER_FAILED' });
    await start();
    expect(await built()).toBe(path);
  });

  it('goes with a reset', async () => {
    const { disk } = builderFiles(paths);
    expect((await stat(disk)).size).toBe(64 * 2 ** 30);
    await resetBuilder(options);
    await expect(stat(disk)).rejects.toThrow('ENOENT');
    expect(await builderStatus(paths)).toMatchObject({ status: 'absent', store: null });
  });
});

describe('an idle builder', () => {
  it('powers itself off, but not while a job runs, and comes back when it is needed', async () => {
    const { vmm } = await start({ idleSeconds: 1 });
    expect(await output(['sh', '-c', 'sleep 4; echo done'])).toBe('done\n');
    expect(await isAlive(vmm)).toBe(true);
    expect(await waitForEnd(vmm, 30_000)).toBe(true);
    await start();
    expect(vm.vmm.pid).not.toBe(vmm.pid);
    expect(await output(['nix', '--version'])).toContain('2.26');
  });
});
