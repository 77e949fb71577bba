import { cpSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Image, loadImage } from '../../src/image/load-image.ts';
import { waitForEnd } from '../../src/process/terminate.ts';
import { entrypointOf } from './entrypoint-of.ts';
import { serviceLog, servicesUntil } from './guest-services.ts';
import { bootImage } from './image-vm.ts';
import { consoleArgv, openWindow } from './terminal.ts';
import { makeBuilderHome, type VmHome } from './vm-home.ts';

const buildMs = 900_000;

let home: VmHome;
beforeAll(() => {
  home = makeBuilderHome();
});
afterEach(async () => {
  for (const { name } of await home.vms()) await home.run(['rm', '--force', name]);
});
afterAll(() => home.destroy());

/** A copy of an example, as the project folder. */
function project(example: string): string {
  const cwd = join(home.project, example);
  cpSync(join(import.meta.dirname, '../../examples', example), cwd, { recursive: true });
  return cwd;
}

async function built(example: string, profile: string): Promise<Image> {
  const argv = ['build', '--nixpkgs', 'debian', '--profile', profile];
  const { status, stdout, stderr } = await home.run(argv, { cwd: project(example) });
  expect(status, stderr).toBe(0);
  return loadImage(stdout.trim());
}

async function flip(path: string): Promise<void> {
  const bytes = await readFile(path);
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

test(
  "the specification's production image is proven sealed, and ends with 127 and its program's name",
  async () => {
    const image = await built('dev-shell', 'default');
    expect(image.spec).toMatchObject({ entrypointKind: 'command', accessible: false, sealed: true });
    const verify = () => home.run(['verify', image.dir]);
    expect(await verify()).toMatchObject({ status: 0, stdout: expect.not.stringContaining('FAIL') });

    for (const path of [
      image.kernel,
      image.initrd,
      image.rootfs,
      image.verity,
      join(image.dir, 'image.json'),
    ]) {
      await flip(path ?? '');
      const { status, stdout } = await verify();
      await flip(path ?? '');
      expect([status, stdout]).toEqual([
        1,
        expect.stringMatching(new RegExp(`FAIL.*${basename(path ?? '')}`)),
      ]);
    }
    expect((await verify()).status).toBe(0);

    const vm = await bootImage(home, image);
    const { text, status } = await entrypointOf(vm);
    expect([text, status]).toEqual([expect.stringContaining('/usr/local/bin/serve: no such file'), 127]);
    expect(await waitForEnd(vm.vmm, 30_000)).toBe(true);
  },
  buildMs,
);

test(
  'a sealed web server and its Redis run as their users, and answer',
  async () => {
    const image = await built('production', 'default');
    expect((await home.run(['verify', image.dir])).status).toBe(0);
    const { name } = await bootImage(home, image, 'volumes');
    const state = await servicesUntil(
      home,
      ({ healthChecks }) => healthChecks.every((check) => check.state === 'healthy'),
      name,
    );
    expect(state).toMatchObject({
      entrypoint: { state: 'ready', user: 'app' },
      services: [{ name: 'redis', state: 'ready', user: 'redis', restarts: 0 }],
    });
    expect(await serviceLog(home, 'entrypoint', name)).toBe('listening on port 8080\n');
  },
  buildMs,
);

test(
  "the specification's third flake, unedited: a shell beside a program that is not there, which is told",
  async () => {
    const cwd = project('dev-program');
    const up = await home.run(['dev', 'up', '-d', '--nixpkgs', 'debian', '--name', 'third'], { cwd });
    expect(up.status, up.stderr).toBe(0);
    const { entrypoint } = await servicesUntil(
      home,
      (state) => state.entrypoint?.state === 'failed',
      'third',
    );
    expect(entrypoint).toMatchObject({
      status: 127,
      message: expect.stringContaining('/usr/local/bin/serve: no such file'),
    });
    const window = openWindow(home, [...consoleArgv, 'third']);
    await window.shows(/root@\S+:/);
    window.type('echo "$BASH_VERSION beside"\n');
    await window.shows(/^5\..* beside/m);
    window.type('exit\n');
    expect(await window.exited).toBe(0);
  },
  buildMs,
);
