import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PackageIndex } from '../../debian/index/packages.ts';
import { silent } from '../../events/events.ts';
import type { Paths } from '../../state/paths.ts';
import { kernelFolder, preparedKernel } from './kernel.ts';

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'mvm-kernel-'));
});
afterEach(() => rm(cache, { recursive: true }));

/** An archive whose cloud kernel is this one, and which nothing can be loaded from. */
const indexWith = (version: string, sha256: string) =>
  ({
    get: (name: string) =>
      name === 'linux-image-cloud-amd64'
        ? { name, depends: [[{ name: `linux-image-${version}-cloud-amd64` }]] }
        : { name, version, sha256, size: 1, filename: 'pool/linux.deb' },
    mirror: { url: 'http://127.0.0.1:9' },
    cacheDir: join(cache, 'debian'),
  }) as unknown as PackageIndex;
const options = () => ({
  paths: { cache } as Paths,
  env: {},
  emit: silent,
  signal: AbortSignal.abort('would load'),
});

test('a kernel that is prepared already is taken; one that Debian renewed is loaded', async () => {
  const old = { version: '6.12.1-1', sha256: 'a'.repeat(64) };
  const dir = join(cache, 'kernels', kernelFolder('x86_64', old));
  await mkdir(dir, { recursive: true });
  expect(await preparedKernel('x86_64', indexWith(old.version, old.sha256), options())).toBe(dir);
  for (const [version, sha256] of [
    ['6.12.2-1', old.sha256],
    [old.version, 'b'.repeat(64)],
  ] as const)
    await expect(preparedKernel('x86_64', indexWith(version, sha256), options())).rejects.toBe('would load');
});

test('a version with an epoch is a plain folder name', () => {
  expect(kernelFolder('aarch64', { version: '1:6.12~rc1-1', sha256: 'c'.repeat(64) })).toMatch(
    /^aarch64-1_6\.12_rc1-1-c{12}-\d+$/,
  );
});
