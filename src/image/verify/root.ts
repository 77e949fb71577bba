import { MvmError } from '../../errors/mvm-error.ts';
import { fileSource } from '../format/erofs/source.ts';
import { type Erofs, openErofs } from '../format/erofs/superblock.ts';
import { type Check, failed, skipped } from './check.ts';
import type { GuestConfig } from './guest-config.ts';
import { accessibleImage, checkRootfs } from './rootfs.ts';
import { checkPrograms, checkUsers } from './users.ts';

const rootNames = ['rootfs', 'privileges', 'writable', 'ssh'];

/** The checks that read the root file system; `path` undefined: the image has none of its own. */
export async function checkRoot(
  path: string | undefined,
  config: GuestConfig | string,
  { sealed, signal }: { sealed: boolean; signal: AbortSignal },
): Promise<Check[]> {
  if (path === undefined) {
    const all = [...rootNames, 'users', 'programs'];
    if (!sealed) return all.map((name) => skipped(name, 'the root is in the initrd'));
    return all.map((name) => failed(name, 'rootfs.erofs', 'the file is missing'));
  }
  const source = fileSource(path);
  try {
    return await checkErofs(openErofs(source), config, { sealed, signal });
  } catch (error) {
    if (!(error instanceof MvmError) || error.code !== 'IMAGE_INVALID') throw error;
    return [...rootNames, 'users', 'programs'].map((name) => failed(name, 'rootfs.erofs', error.message));
  } finally {
    source.close();
  }
}

async function checkErofs(
  erofs: Erofs,
  config: GuestConfig | string,
  { sealed, signal }: { sealed: boolean; signal: AbortSignal },
): Promise<Check[]> {
  const rootfs = await checkRootfs(erofs, sealed, signal);
  if (typeof config === 'string') {
    return [
      ...rootfs,
      failed('users', '/mvm/image.json', config),
      failed('programs', '/mvm/image.json', config),
    ];
  }
  const users = sealed ? checkUsers(erofs, config) : skipped('users', accessibleImage);
  return [...rootfs, users, checkPrograms(erofs, config)];
}
