import { companionFiles } from '../../companion/files.ts';
import { MvmError } from '../../errors/mvm-error.ts';
import { takeUdp } from '../../ports/datagrams.ts';
import type { Forward } from '../../ports/forward.ts';
import { holderOf } from '../../ports/holder.ts';
import { listen, takeTcp } from '../../ports/listen.ts';
import { lockHolder } from '../../state/lock.ts';

const takeToLook = ({ protocol }: Forward) =>
  protocol === 'udp' ? takeUdp(() => {}) : takeTcp((socket) => socket.destroy());

/**
 * Looks, before a VM starts, whether its forwards will find their ports free.
 * @param runtimeDir of the VM that is about to be started again: what its companion has will be free
 * @throws MvmError PORT_TAKEN, PORT_REFUSED
 */
export async function checkFree(forwards: readonly Forward[], runtimeDir: string | undefined): Promise<void> {
  for (const forward of forwards.filter(({ reverse }) => !reverse)) {
    try {
      const { listeners } = await listen(forward, takeToLook(forward));
      for (const listener of listeners) listener.close();
    } catch (error) {
      const own = runtimeDir === undefined ? undefined : await lockHolder(companionFiles(runtimeDir).lock);
      const isOwn = own !== undefined && holderOf(forward.hostPort, forward.protocol)?.pid === own;
      if (!(error instanceof MvmError) || !isOwn) throw error;
    }
  }
}
