import { cpSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { loadImage } from '../../../src/image/load-image.ts';
import { servicesUntil } from '../guest-services.ts';
import { consoleArgv, openWindow } from '../terminal.ts';
import { makeNixHome, type VmHome, type VmJson } from '../vm-home.ts';

let home: VmHome;
beforeAll(async () => {
  home = await makeNixHome();
});
afterEach(async () => {
  for (const { name } of await home.vms()) await home.run(['rm', '--force', name]);
});
afterAll(() => home.destroy());

/** A copy of an example, as the project folder. */
function project(example: string): string {
  const cwd = join(home.project, example);
  cpSync(join(import.meta.dirname, '../../../examples', example), cwd, { recursive: true });
  return cwd;
}

async function flip(path: string): Promise<void> {
  const bytes = await readFile(path);
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

test("the specification's production image is proven sealed, and ends with 127 and its program's name", async () => {
  const cwd = project('dev-shell');
  const build = await home.run(['build', '--nixpkgs', 'debian', '--profile', 'default'], { cwd });
  expect(build.status, build.stderr).toBe(0);
  const image = await loadImage(build.stdout.trim());
  expect(image.spec).toMatchObject({ entrypointKind: 'command', accessible: false, sealed: true });
  const verify = () => home.run(['verify', image.dir]);
  expect(await verify()).toMatchObject({ status: 0, stdout: expect.not.stringContaining('FAIL') });

  const { kernel, initrd, rootfs = '', verity = '' } = image;
  for (const path of [kernel, initrd, rootfs, verity, join(image.dir, 'image.json')]) {
    await flip(path);
    const { status, stdout } = await verify();
    await flip(path);
    expect([status, stdout]).toEqual([1, expect.stringMatching(new RegExp(`FAIL.*${basename(path)}`))]);
  }
  expect((await verify()).status).toBe(0);

  const run = await home.run(['up', '--nixpkgs', 'debian'], { cwd });
  expect([run.status, run.stderr]).toEqual([
    127,
    expect.stringContaining('/usr/local/bin/serve: no such file'),
  ]);
  expect((await home.vms()).map((vm) => vm.status)).toEqual(['stopped']);
});

test('a sealed web server and its Redis run as their users, and answer; the host lets nobody in', async () => {
  const cwd = project('production');
  const up = await home.run(['up', '--wait', '--json', '--nixpkgs', 'debian'], { cwd });
  expect(up.status, up.stderr).toBe(0);
  const { name } = JSON.parse(up.stdout) as VmJson;
  expect((await home.run(['verify', name])).status).toBe(0);
  const state = await servicesUntil(
    home,
    (now) => now.healthChecks.every((c) => c.state === 'healthy'),
    name,
  );
  expect(state).toMatchObject({
    entrypoint: { state: 'ready', user: 'app' },
    services: [{ name: 'redis', state: 'ready', user: 'redis', restarts: 0 }],
    healthChecks: [{ name: 'web' }],
  });
  expect((await home.run(['logs', name, 'entrypoint'])).stdout).toContain('listening on port 8080');
  for (const argv of [
    ['exec', name, '--', 'id'],
    ['cp', `${name}:/etc/passwd`, '-'],
    ['service', 'stop', name, 'redis'],
  ]) {
    const { status, stderr } = await home.run(argv);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/is sealed[\s\S]*mvmctl dev up/)]);
  }
});

test("the specification's third flake, unedited: a shell beside a program that is not there, which is told", async () => {
  const argv = ['dev', 'up', '-d', '--nixpkgs', 'debian', '--name', 'third'];
  const up = await home.run(argv, { cwd: project('dev-program') });
  const gone = /status 127.*\/usr\/local\/bin\/serve: no such file/;
  expect([up.status, up.stderr]).toEqual([0, expect.stringMatching(gone)]);
  const window = openWindow(home, [...consoleArgv, 'third']);
  await window.shows(/root@\S+:/);
  window.type('echo "$BASH_VERSION beside"\n');
  await window.shows(/^5\..* beside/m);
  window.type('exit\n');
  expect(await window.exited).toBe(0);
});
