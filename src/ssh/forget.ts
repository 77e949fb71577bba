import { rm } from 'node:fs/promises';
import { writeError } from '../errors/file-error.ts';
import { hostPrefix, sharedFiles, sshDirOf } from './files.ts';

/** Removes a VM's keys: whoever asks next makes others. Throws STATE_WRITE. */
export async function forgetKeys(vmDir: string): Promise<void> {
  const dir = sshDirOf(vmDir);
  await rm(dir, { recursive: true, force: true }).catch((error: unknown) => {
    throw writeError(error, dir);
  });
}

/** Removes the link to the keys of a VM that is gone; what it led to went with the VM. */
export async function forgetHost(state: string, name: string): Promise<void> {
  await rm(sharedFiles(state).link(`${hostPrefix}${name}`), { force: true }).catch(() => {});
}
