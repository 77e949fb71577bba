import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aptListsEmpty, installHint } from './install-hint.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mvm-hint-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function withManager(name: string): Promise<NodeJS.ProcessEnv> {
  await writeFile(join(folder, name), '#!/bin/sh\n');
  await chmod(join(folder, name), 0o755);
  return { PATH: folder };
}

describe('installHint', () => {
  it('lets root on a Debian-like host have it done', async () => {
    expect(await installHint('x86_64', await withManager('apt-get'), 0)).toEqual({
      manager: 'apt-get',
      command: 'apt-get install -y --no-install-recommends qemu-system-x86',
      automatic: true,
    });
  });
  it('gives other users and hosts the one command to type', async () => {
    const apt = await installHint('aarch64', await withManager('apt-get'), 1000);
    expect(apt).toMatchObject({
      automatic: false,
      command: expect.stringMatching(/^sudo apt-get .*qemu-system-arm$/),
    });
    await rm(join(folder, 'apt-get'));
    expect((await installHint('x86_64', await withManager('dnf'), 0)).command).toMatch(/^dnf install/);
    await rm(join(folder, 'dnf'));
    expect((await installHint('x86_64', await withManager('brew'), 501)).command).toBe('brew install qemu');
  });
  it('has an answer where no package manager is known', async () => {
    const hint = await installHint('x86_64', { PATH: folder }, 0);
    expect(hint).toMatchObject({ manager: undefined, automatic: false });
  });
});

it('sees that apt has no lists', async () => {
  await writeFile(join(folder, 'lock'), '');
  expect(await aptListsEmpty(folder)).toBe(true);
  await writeFile(join(folder, 'mirror.test_debian_dists_trixie_InRelease'), '');
  expect(await aptListsEmpty(folder)).toBe(false);
  expect(await aptListsEmpty(join(folder, 'gone'))).toBe(true);
});
