import { companionFiles } from '../../companion/files.ts';
import { MvmError } from '../../errors/mvm-error.ts';
import type { Forward } from '../../ports/forward.ts';
import { holderOf } from '../../ports/holder.ts';
import { listen } from '../../ports/listen.ts';
import { lockHolder } from '../../state/lock.ts';

/**
 * Looks, before a VM starts, whether its forwards will find their ports free.
 * @param runtimeDir of the VM that is about to be started again: what its companion has will be free
 * @throws MvmError PORT_TAKEN, PORT_REFUSED
 */
export async function checkFree(forwards: readonly Forward[], runtimeDir: string | undefined): Promise<void> {
  for (const forward of forwards) {
    try {
      const { servers } = await listen(forward, (socket) => socket.destroy());
      for (const server of servers) server.close();
    } catch (error) {
      const own = runtimeDir === undefined ? undefined : await lockHolder(companionFiles(runtimeDir).lock);
      const isOwn = own !== undefined && holderOf(forward.hostPort)?.pid === own;
      if (!(error instanceof MvmError) || !isOwn) throw error;
    }
  }
}
