import { randomBytes } from 'node:crypto';
import { constants, copyFile, open, rename, rm, stat } from 'node:fs/promises';
import { writeError } from '../state/write.ts';
import { packCpio } from './cpio.ts';
import type { Image } from './load-image.ts';

/** What the guest needs to know of this boot; the contract is in ARCHITECTURE.md. */
export interface VmConfig {
  name: string;
  hostname: string;
  /** The boot's channel key: 64 hex digits. */
  key: string;
  clockUnixMs: number;
  /** Channels beside the event channel. */
  ports: number;
  disk: { device: string; fs: 'ext4' } | null;
  network: { address: string; gateway: string; dns: readonly string[] } | null;
}

/** The per-boot configuration archive: /mvm/vm.json, readable by root only. */
export function configArchive(config: VmConfig): Buffer {
  const { name, hostname, key, clockUnixMs, ports, disk, network } = config;
  const json = { schema: 1, name, hostname, key, clockUnixMs, ports, disk, network };
  return packCpio([
    {
      type: 'file',
      path: 'mvm/vm.json',
      mode: 0o600,
      data: Buffer.from(`${JSON.stringify(json, null, 2)}\n`),
    },
  ]);
}

/**
 * Writes the initrd of one boot: the image's and the configuration archive behind it. The file holds the
 * boot's key: mode 0600. Not synced, since each boot makes its own. Throws STATE_WRITE.
 */
export async function writeBootInitrd(
  image: Pick<Image, 'initrd'>,
  config: VmConfig,
  path: string,
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await copyFile(image.initrd, temporary, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    // An archive starts on a multiple of four bytes.
    const gap = (4 - ((await stat(temporary)).size % 4)) % 4;
    const file = await open(temporary, 'a');
    try {
      // The copy has the image's mode; the key must not be in it before it is private.
      await file.chmod(0o600);
      await file.appendFile(Buffer.concat([Buffer.alloc(gap), configArchive(config)]));
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    // The first error is the one to tell.
    await rm(temporary, { force: true }).catch(() => {});
    throw writeError(error, path);
  }
}
