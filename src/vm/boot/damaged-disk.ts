import { MvmError } from '../../errors/mvm-error.ts';
import { startCommand } from '../state/kind.ts';
import type { VmRecord } from '../state/record.ts';
import type { BootDisks } from './disks.ts';

/** What the guest says of a disk that it can't use (guest/internal/mount), or that fails while the root is made of it. */
const aboutDisk =
  /\bdisk (\/dev\/\w+)|joining the image and the writable layer|making \S+ in the root|the volume /;

/**
 * A boot that failed since the VM's own disk is damaged, with the ways out: repair, reading what is on it, a new one.
 * Any other error unchanged.
 */
export function explainDamagedDisk(
  error: unknown,
  { record, paths }: { record: VmRecord; paths: { disk: string } },
  { disk }: BootDisks['config'],
): unknown {
  if (!(error instanceof MvmError) || error.code !== 'BOOT_FAILED' || disk === null) return error;
  const found = aboutDisk.exec(error.message);
  if (found === null || (found[1] !== undefined && found[1] !== disk.device)) return error;
  const path = /^[\w./-]+$/.test(paths.disk) ? paths.disk : `'${paths.disk.replaceAll("'", "'\\''")}'`;
  return new MvmError('BOOT_FAILED', error.message, {
    cause: error,
    details: [
      ...error.details,
      `The disk is kept: ${path}, an ext4 file system. You can repair and read it here with e2fsprogs:`,
      `  cp --sparse=always ${path} ${path}.old   (make a copy first)`,
      `  e2fsck -fy ${path}`,
      `  debugfs -c -R 'rdump /upper /tmp' ${path}   (copies what was written in the VM to /tmp/upper)`,
    ],
    ...(error.log === undefined ? {} : { log: error.log }),
    hint: `${startCommand(record)} --reset   (starts with an empty disk, once you need nothing from this one)`,
  });
}
