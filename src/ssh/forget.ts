import { rm } from 'node:fs/promises';
import { writeError } from '../errors/file-error.ts';
import { sshDirOf } from './files.ts';

/** Removes a VM's keys: whoever asks next makes others. Throws STATE_WRITE. */
export async function forgetKeys(vmDir: string): Promise<void> {
  const dir = sshDirOf(vmDir);
  await rm(dir, { recursive: true, force: true }).catch((error: unknown) => {
    throw writeError(error, dir);
  });
}
