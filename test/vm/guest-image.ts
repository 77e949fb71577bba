import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'vitest';
import { environment, etcFiles } from '../../src/image/default/root/etc.ts';
import { digestOf } from '../../src/image/digest.ts';
import { packCpio } from '../../src/image/format/cpio.ts';
import { formatImageJson, type ImageJson, parseImageJson } from '../../src/image/image-json.ts';
import { makeHome, testCache } from '../mvmctl.ts';
import { makeVmHome, type VmHome } from './vm-home.ts';

/** What a test says of its guest; the rest of /mvm/image.json is filled in. */
export interface GuestConfig {
  entrypoint?: { kind: 'shell' | 'command' | 'services' } & Record<string, unknown>;
  accessible?: boolean;
  services?: Record<string, { command: readonly string[] } & Record<string, unknown>>;
  volumes?: readonly string[];
  [field: string]: unknown;
}

/** Of `app`, the user of services and entrypoints that name none. */
const app = 1000;

/**
 * A home in which the default image (busybox, without Nix) is one with this guest configuration: `dev up` boots it.
 * Its users are those of the default image and `app`. Files are added to the root, mode 0755. An agent takes the place of
 * the default image's.
 */
export async function guestHome(
  guest: GuestConfig,
  files: Readonly<Record<string, string>> = {},
  agent?: Buffer,
): Promise<VmHome> {
  const image = await defaultImage();
  const { home, dir } = ownCache(image);
  copyFileSync(join(image, 'kernel'), join(dir, 'kernel'));
  const path = join(image, 'image.json');
  const spec = parseImageJson(readFileSync(path, 'utf8'), path);
  const initrd = withGuest(readFileSync(join(image, 'initrd')), guest, files, agent);
  writeFileSync(join(dir, 'initrd'), initrd);
  const changed: ImageJson = {
    ...spec,
    // A bare shell of that name is nothing that 'up' runs.
    name: 'guest',
    entrypointKind: guest.entrypoint?.kind ?? 'shell',
    accessible: guest.accessible ?? true,
    services: guest.services ?? {},
    ...(guest.volumes === undefined ? {} : { volumes: [...guest.volumes] }),
    files: { ...spec.files, initrd: digestOf(initrd) },
  };
  writeFileSync(join(dir, 'image.json'), formatImageJson(changed));
  return home;
}

/** A home whose default image is one that is made in the folder given. */
export async function imageHome(make: (outDir: string) => Promise<unknown>): Promise<VmHome> {
  const { home, dir } = ownCache(await defaultImage());
  await make(dir);
  return home;
}

/** A home with a cache of its own; `dir`, which is empty, is where its default image belongs. */
function ownCache(image: string): { home: VmHome; dir: string } {
  const home = makeVmHome();
  const cache = join(home.dir, 'cache');
  home.env.MVM_CACHE_DIR = cache;
  const dir = join(cache, 'images', basename(image));
  mkdirSync(dir, { recursive: true });
  copyFileSync(join(testCache, 'qemu-x86_64.json'), join(cache, 'qemu-x86_64.json'));
  return { home, dir };
}

/** The folder of this checkout's default image, in the cache of all tests. */
async function defaultImage(): Promise<string> {
  const home = makeHome({ sharedCache: testCache });
  try {
    const { status, stderr } = await home.run(['setup']);
    expect(status, stderr).toBe(0);
    return /Image: (.*)/.exec(stderr)?.[1] ?? '';
  } finally {
    home.remove();
  }
}

/** An initrd's later archives replace files of the earlier ones. */
function withGuest(
  initrd: Buffer,
  guest: GuestConfig,
  files: Readonly<Record<string, string>>,
  agent?: Buffer,
): Buffer {
  const config = {
    schema: 1,
    entrypoint: { kind: 'shell', argv: ['/bin/sh', '-l'] },
    env: environment,
    accessible: true,
    shell: ['/bin/sh', '-l'],
    directories: [{ path: '/var/lib/app', mode: '0700', user: 'app' }],
    ...guest,
  };
  const { passwd, group } = etcFiles('0.0.0');
  const file = (path: string, text: string, mode = 0o644) =>
    ({ type: 'file', path, mode, data: Buffer.from(text) }) as const;
  const archive = packCpio([
    ...(agent === undefined ? [] : [{ type: 'file', path: 'init', mode: 0o755, data: agent } as const]),
    file('mvm/image.json', JSON.stringify(config)),
    file('rootfs/etc/passwd', `${passwd}app:x:${app}:${app}::/var/lib/app:/bin/false\n`),
    file('rootfs/etc/group', `${group}app:x:${app}:\n`),
    ...Object.entries(files).map(([path, text]) => file(`rootfs/${path}`, text, 0o755)),
  ]);
  return Buffer.concat([initrd, Buffer.alloc((4 - (initrd.length % 4)) % 4), archive]);
}
