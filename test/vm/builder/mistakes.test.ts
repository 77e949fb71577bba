import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { beforeEach, expect, test } from 'vitest';
import { ownArch } from '../../../src/vm/state/record.ts';
import { makeNixHome, type VmHome } from '../vm-home.ts';

// What is wrong with a flake or with what it fetches, as Nix says it and mvmctl tells it.

let home: VmHome;
beforeEach(async () => {
  home = await makeNixHome();
  return () => home.destroy();
});

const at = (name: string) => join(home.project, name);
const git = (...argv: string[]) =>
  expect(spawnSync('git', argv, { cwd: home.project, encoding: 'utf8' })).toMatchObject({ status: 0 });
const argv = ['build', '--flake', '.', '--profile', 'dev'];

/** A flake whose `dev` is this expression. */
function flake(dev: string, inputs = ''): void {
  const text = `{ ${inputs} outputs = { self, ... }@all: {\n  packages.${ownArch()}-linux.dev =\n    ${dev};\n}; }\n`;
  writeFileSync(at('flake.nix'), text);
}

async function failure(): Promise<string> {
  const { status, stdout, stderr } = await home.run(argv);
  expect({ status, stdout }, stderr).toEqual({ status: 1, stdout: '' });
  return stderr.slice(stderr.indexOf('error:'));
}

test('a syntax error: file, line and the text there', async () => {
  flake('let x = ; in x');
  const error = await failure();
  expect(error).toMatch(/^error: flake\.nix:3:13: syntax error, unexpected ';'\n/);
  expect(error).toContain('let x = ; in x');
  expect(error).toMatch(/\n {2}log: \/.*\.log\n/);
});

test('the network goes in mid-fetch: what could not be fetched, and for which input', async () => {
  const archive = pack();
  archive.entry({ name: 'other/file' }, randomBytes(1_000_000).toString('hex'));
  archive.finalize();
  const whole = gzipSync(await buffer(archive as unknown as Readable));
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-length': whole.length });
    response.write(whole.subarray(0, whole.length / 2), () => request.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  // The host's loopback, as the builder VM sees it.
  const address = home.env.MVM_BUILDER === 'host' ? '127.0.0.1' : '10.0.2.2';
  const url = `http://${address}:${port}/other.tar.gz`;
  try {
    flake('all.other', `inputs.other = { url = "${url}"; flake = false; };`);
    const error = await failure();
    expect(error).toContain(`error: ${url} broke off or is not an archive, for the input 'other'.`);
  } finally {
    server.close();
  }
  cpSync(join(import.meta.dirname, '../../../examples/dev-shell'), home.project, { recursive: true });
  const { stderr } = await home.run([...argv, '--nixpkgs', `tarball+${url}`]);
  expect(stderr).toContain(`error: ${url} can't be reached for the input 'nixpkgs'.`);
  expect(stderr).toContain('→ mvmctl build --nixpkgs debian');
});

test('a dirty tree is built as it is on disk; what git does not track is not there', async () => {
  flake('1');
  writeFileSync(at('tracked'), 'committed');
  git('init', '-q');
  git('add', '.');
  git('-c', 'user.name=a', '-c', 'user.email=a@a', 'commit', '-qm', 'a');
  writeFileSync(at('tracked'), 'edited');
  writeFileSync(at('untracked'), 'x');
  const look = `builtins.throw "tracked is \${builtins.readFile ./tracked}, untracked is \${
    if builtins.pathExists ./untracked then "there" else "not there"}"`;
  flake(look);
  expect(await failure()).toContain('tracked is edited, untracked is not there');
  // Without git the same folder is all of it.
  rmSync(at('.git'), { recursive: true });
  expect(await failure()).toContain('tracked is edited, untracked is there');
});
