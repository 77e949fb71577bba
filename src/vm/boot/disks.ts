import type { Disk } from '../../backend/backend.ts';
import { MvmError } from '../../errors/mvm-error.ts';
import type { Image } from '../../image/load-image.ts';
import type { VmConfig } from '../../image/vm-config.ts';
import type { DiskUse } from '../state/kind.ts';

/** The disks of one boot: as the backend attaches them, and as they are described to the guest. */
export interface BootDisks {
  /** In the order of the guest's device names. */
  disks: readonly Disk[];
  config: Pick<VmConfig, 'rootfs' | 'disk'>;
}

/**
 * The one list of a VM's disks: image's root, its hash tree, the VM's own disk.
 * @param path of the VM's own disk
 * @throws MvmError IMAGE_INVALID where the image's verity has no file
 */
export function bootDisks(
  image: Pick<Image, 'dir' | 'rootfs' | 'verity' | 'spec'>,
  path: string,
  use: DiskUse,
): BootDisks {
  const disks: Disk[] = [];
  const attach = (disk: Disk): string => {
    disks.push(disk);
    return `/dev/vd${String.fromCharCode(0x60 + disks.length)}`;
  };
  let rootfs: VmConfig['rootfs'] = null;
  if (image.rootfs !== undefined) {
    rootfs = { device: attach({ path: image.rootfs, readOnly: true }), fs: 'erofs', verity: null };
    if (image.spec.verity !== undefined) {
      if (image.verity === undefined)
        throw new MvmError('IMAGE_INVALID', `The image is incomplete: ${image.dir} has no rootfs.verity.`);
      const device = attach({ path: image.verity, readOnly: true });
      rootfs = { ...rootfs, verity: { device, ...image.spec.verity } };
    }
  }
  if (use === 'none') return { disks, config: { rootfs, disk: null } };
  const device = attach({ path, readOnly: false });
  return { disks, config: { rootfs, disk: use === 'own' ? null : { device, fs: 'ext4', use } } };
}
