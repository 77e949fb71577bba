import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fakeNix } from '../fakes/nix.ts';
import { type Home, makeHome, testCache } from '../mvmctl.ts';

let home: Home;
let nix: ReturnType<typeof fakeNix>;
beforeEach(() => {
  home = makeHome({ sharedCache: testCache });
  writeFileSync(join(home.project, 'flake.nix'), `{ outputs = _: { }; } # ${home.dir}`);
  writeFileSync(join(home.project, 'other'), 'untracked');
  nix = fakeNix(home.dir, someImage);
});
afterEach(() => home.remove());

/** The default image, which a build brings into the cache first: what the fake makes is not the flake's. */
const someImage = join(
  testCache,
  `images/default-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-*[0-9a-f]`,
);
const build = (...more: string[]) =>
  home.run(['build', '--flake', '.', '--builder', 'host', ...more], { env: nix.env });

describe('the host’s own Nix', () => {
  test('gets the source, the library as an input and the inputs that are replaced', async () => {
    const { status, stdout, stderr } = await build('--profile', 'dev', '--nixpkgs', 'github:o/r', '--json');
    expect(status, stderr).toBe(0);
    const made = JSON.parse(stdout) as {
      path: string;
      cached: boolean;
      nix: { built: string[]; log: string };
    };
    expect(made).toMatchObject({ cached: false, profile: 'dev', nix: { built: ['made'] } });
    expect(readFileSync(made.nix.log, 'utf8')).toContain('made> a line of the build');
    const given = readFileSync(join(home.dir, 'arguments'), 'utf8');
    expect(given).toMatch(/^build\npath:\/.*#\.packages\.\w+-linux\.dev\n/);
    expect(given).toMatch(/--override-input\nmvm\npath:\/.*\/mvm-[0-9a-f]{16}\n/);
    expect(given).toContain('--override-input\nnixpkgs\ngithub:o/r\n');
    expect(readFileSync(join(home.dir, 'source'), 'utf8')).toBe('flake.nix\nother\n');
    // The copy of the source is gone, and the next build starts nothing.
    const left = readdirSync(join(testCache, 'host-builds')).filter((name) => name.startsWith('source-'));
    expect(left).toEqual([]);
    const again = await build('--profile', 'dev', '--nixpkgs', 'github:o/r', '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ path: made.path, cached: true, nix: null });
    await home.run(['rmi', made.path.slice(-64)]);
  });

  test('builds again where a file of the image in the cache is damaged, and says so', async () => {
    const made = JSON.parse((await build('--json')).stdout) as { path: string; digest: string };
    const kernel = join(made.path, 'kernel');
    const bytes = readFileSync(kernel);
    bytes[1000] = (bytes[1000] ?? 0) ^ 1;
    chmodSync(kernel, 0o644);
    writeFileSync(kernel, bytes);
    const { status, stdout, stderr } = await build('--json');
    expect(status, stderr).toBe(0);
    expect(stderr).toContain('It has been removed from the cache.');
    expect(JSON.parse(stdout)).toMatchObject({ cached: false, path: made.path });
    expect((await build('--json')).stdout).toContain('"cached": true');
    await home.run(['rmi', made.digest]);
  });

  test('tells a failed build by its cause, with the whole log’s path', async () => {
    nix = fakeNix(
      home.dir,
      '/nowhere',
      `echo '@nix {"action":"msg","level":0,"msg":"error: undefined variable x","raw_msg":"undefined variable '"'"'x'"'"'"}' >&2; exit 1`,
    );
    const { status, stderr } = await build();
    expect(status).toBe(1);
    expect(stderr).toContain("error: undefined variable 'x'");
    expect(stderr).toMatch(/log: \/.*\/build-logs\/.*\.log\n/);
  });

  test('is ended by Ctrl-C, and leaves no copy of the source', async () => {
    nix = fakeNix(home.dir, '/nowhere', `echo "@nix {}" >&2; exec sleep 60`);
    const running = home.start(['build', '--flake', '.', '--builder', 'host'], { env: nix.env });
    await running.says('Building packages.');
    running.kill('SIGINT');
    expect((await running.done).status).toBe(130);
    const left = readdirSync(join(testCache, 'host-builds')).filter((name) => name.startsWith('source-'));
    expect(left).toEqual([]);
  });

  test('that is not there is one clear error', async () => {
    const none = join(home.dir, 'none');
    mkdirSync(none);
    const { status, stderr } = await home.run(['build', '--flake', '.', '--builder', 'host'], {
      env: { PATH: none },
    });
    expect(status).toBe(1);
    expect(stderr).toContain('error: --builder host needs Nix on this host, but there is no nix on PATH.');
    expect(stderr).toContain('→ mvmctl build');
  });

  test('that is something else is told by what it says', async () => {
    writeFileSync(join(nix.bin, 'nix'), '#!/bin/sh\necho "nix: a lint for commits"\n');
    expect((await build()).stderr).toContain('the nix on PATH does not answer --version as Nix does');
  });
});

test('a builder of another name is refused, wherever it is named', async () => {
  expect((await home.run(['build', '--builder', 'cloud'])).stderr).toContain(
    "'cloud' is not a builder. Use vm or host.",
  );
  const { status, stderr } = await home.run(['build', '--flake', '.'], { env: { MVM_BUILDER: 'cloud' } });
  expect(status).toBe(1);
  expect(stderr).toContain("MVM_BUILDER: 'cloud' is not a builder");
});
