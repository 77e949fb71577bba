import { constants, copyFile, open, rename, rm, stat } from 'node:fs/promises';
import { writeError } from '../errors/file-error.ts';
import { MvmError, systemCode } from '../errors/mvm-error.ts';
import { packCpio } from './format/cpio.ts';
import type { Verity } from './image-json.ts';
import type { Image } from './load-image.ts';

/** What the guest needs to know of this boot; the contract is in ARCHITECTURE.md. */
export interface VmConfig {
  name: string;
  hostname: string;
  /** The boot's channel key: 64 hex digits. */
  key: string;
  clockUnixMs: number;
  /** Channels besides the event channel. */
  ports: number;
  /** The image's root, where it is not in the initrd. */
  rootfs: { device: string; fs: 'erofs'; verity: ({ device: string } & Verity) | null } | null;
  /** Where it has one that the guest is to mount: for the whole root's changes, or for volumes alone. */
  disk: { device: string; fs: 'ext4'; use: 'root' | 'volumes' } | null;
  /** The VM's own variables for entrypoint and services, over the image's. */
  env: Readonly<Record<string, string>>;
  network: { address: string; gateway: string; dns: readonly string[] } | null;
  /** The VM keeps running when its entrypoint has ended. A sealed guest does not. */
  staysOn: boolean;
  /** A host is about to attach to the entrypoint: one that ends before that waits for it, ten seconds at most. */
  attended: boolean;
  /** The VM ends once nobody runs a program in it. */
  throwaway?: boolean;
  /** What the guest writes as root's before anything runs, of a machine that is worked in. */
  files?: readonly GuestFile[];
  /** Variables under the image's own, along with files. */
  defaultEnv?: Readonly<Record<string, string>>;
  /** Fresh randomness, 64 bytes: a guest that has just started has none, one that is resumed has the same as others. */
  seed: Buffer;
}

/** What a template needs to know, in the place of the configuration of a VM. */
export interface TemplateConfig {
  ports: number;
  rootfs: VmConfig['rootfs'];
  /** The device of the VM's disk, behind which there is nothing yet; empty where there is none. */
  placeholder: string;
}

/** A file that a guest is given at each boot. */
export interface GuestFile {
  /** Absolute, or `~/` and what is below root's home. */
  path: string;
  /** Permissions, 0 to 0o777. */
  mode: number;
  data: Buffer;
}

/** The configuration as the guest reads it. */
export function configText(config: VmConfig): string {
  const { name, hostname, key, clockUnixMs, ports, rootfs, disk, env, network, staysOn, attended } = config;
  const json = {
    schema: 1,
    name,
    hostname,
    key,
    clockUnixMs,
    ports,
    rootfs,
    disk,
    env,
    network,
    staysOn,
    attended,
    ...(config.throwaway === true ? { throwaway: true } : {}),
    ...(config.files === undefined || config.files.length === 0
      ? {}
      : {
          files: config.files.map((file) => ({ ...file, data: file.data.toString('base64') })),
          defaultEnv: config.defaultEnv ?? {},
        }),
    seed: config.seed.toString('base64'),
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}

/** The per-boot configuration archive: /mvm/vm.json, readable by root only. */
export const configArchive = (config: VmConfig): Buffer => archive('mvm/vm.json', configText(config));

/** What a template has in its place: /mvm/template.json. */
export const templateArchive = (config: TemplateConfig): Buffer =>
  archive('mvm/template.json', `${JSON.stringify({ schema: 1, ...config }, null, 2)}\n`);

const archive = (path: string, text: string): Buffer =>
  packCpio([{ type: 'file', path, mode: 0o600, data: Buffer.from(text) }]);

/**
 * Writes the initrd of one boot: the image's and the configuration archive behind it (`configArchive`, `templateArchive`). The file holds the
 * boot's key: mode 0600. Not synced, since each boot makes its own. The caller holds the VM's lock: the
 * temporary name is always the same, so that a killed writer leaves at most one. Throws STATE_WRITE,
 * IMAGE_INVALID.
 */
export async function writeBootInitrd(
  image: Pick<Image, 'initrd'>,
  config: Buffer,
  path: string,
): Promise<void> {
  const size = await sizeOf(image.initrd);
  const temporary = `${path}.tmp`;
  try {
    await rm(temporary, { force: true });
    await copyFile(image.initrd, temporary, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    const file = await open(temporary, 'a');
    try {
      // The copy has the image's mode; the key must not be in it before it is private.
      await file.chmod(0o600);
      // An archive starts on a multiple of four bytes.
      await file.appendFile(Buffer.concat([Buffer.alloc((4 - (size % 4)) % 4), config]));
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

async function sizeOf(initrd: string): Promise<number> {
  try {
    return (await stat(initrd)).size;
  } catch (cause) {
    if (systemCode(cause) !== 'ENOENT') throw cause;
    throw new MvmError('IMAGE_INVALID', `The image is incomplete: ${initrd} is missing.`, { cause });
  }
}
