import { isAlive, type ProcessIdentity } from '../../../process/identity.ts';
import { terminate, waitForEnd } from '../../../process/terminate.ts';
import { qmpSocket } from '../plan/sockets.ts';
import { connectQmp } from './qmp.ts';

/** How long QEMU may take to flush its disk and leave. */
const quitTimeoutMs = 5000;

/** QMP `quit`, and the close of the socket that follows it. False where QEMU did not do so in time. */
async function quit(runtimeDir: string): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const qmp = await connectQmp(qmpSocket(runtimeDir), 1000);
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), quitTimeoutMs);
    });
    // QEMU may close before it answers; the close is what counts.
    qmp.execute('quit').catch(() => {});
    const ended = await Promise.race([qmp.closed.then(() => true), late]);
    qmp.close();
    return ended;
  } catch {
    // It does not listen or does not answer: the signals below end it.
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Ends QEMU, not asking the guest: QMP `quit` (flushes the disk), TERM after 5 seconds, KILL after 3 more;
 * with `force` KILL at once. Resolves when it is gone; at once when it was.
 */
export async function stop(
  identity: ProcessIdentity,
  runtimeDir: string,
  options: { force?: boolean } = {},
): Promise<void> {
  if (!(await isAlive(identity))) return;
  if (options.force) return terminate(identity, { graceMs: 0 });
  if ((await quit(runtimeDir)) && (await waitForEnd(identity, 2000))) return;
  await terminate(identity, { graceMs: 3000 });
}
