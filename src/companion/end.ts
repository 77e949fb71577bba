import { identify } from '../process/identity.ts';
import { terminate } from '../process/terminate.ts';
import { lockHolder } from '../state/lock.ts';
import { companionFiles } from './files.ts';

/** How long it may take to let go of its ports, in milliseconds. */
const graceMs = 2000;

/** Ends the companion of a VM that has ended, so that its ports are free when this resolves. */
export async function endCompanion(runtimeDir: string): Promise<void> {
  const { lock } = companionFiles(runtimeDir);
  const pid = await lockHolder(lock);
  const companion = pid === undefined ? undefined : await identify(pid);
  if (companion !== undefined) await terminate(companion, { graceMs });
}
