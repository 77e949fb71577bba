import { setTimeout as delay } from 'node:timers/promises';
import { MvmError, systemCode } from '../errors/mvm-error.ts';
import { isAlive, type ProcessIdentity } from './identity.ts';

/** After KILL only the kernel stands between a process and its end; more than this means stuck I/O. */
const killWaitMs = 10_000;

function send(identity: ProcessIdentity, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(identity.pid, signal);
  } catch (error) {
    if (systemCode(error) === 'ESRCH') return;
    throw new MvmError('BACKEND_FAILED', `Can't end process ${identity.pid}: ${systemCode(error)}.`, {
      cause: error,
      hint: `ps -o user=,args= -p ${identity.pid}`,
    });
  }
}

/**
 * Resolves when the process has ended (true) or after `timeoutMs` (false). It looks again and again, because
 * Node has no pidfd and there is no other event for the end of a process that is not our child; who holds a socket
 * of the process should wait for its close instead. Throws the signal's reason.
 */
export async function waitForEnd(
  identity: ProcessIdentity,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  for (let pause = 2; ; pause = Math.min(pause * 2, 50)) {
    if (!(await isAlive(identity))) return true;
    const left = deadline - performance.now();
    if (left <= 0) return false;
    signal?.throwIfAborted();
    await delay(Math.min(pause, left));
  }
}

/**
 * Ends a process: TERM, after `graceMs` KILL; `graceMs: 0` sends KILL at once. Resolves when it is gone.
 * Throws BACKEND_FAILED if the process belongs to another user or survives KILL.
 */
export async function terminate(identity: ProcessIdentity, options: { graceMs: number }): Promise<void> {
  if (!(await isAlive(identity))) return;
  if (options.graceMs > 0) {
    send(identity, 'SIGTERM');
    if (await waitForEnd(identity, options.graceMs)) return;
  }
  send(identity, 'SIGKILL');
  if (await waitForEnd(identity, killWaitMs)) return;
  throw new MvmError(
    'BACKEND_FAILED',
    `Process ${identity.pid} did not end within 10 seconds of being killed.`,
    {
      hint: `ps -o stat=,wchan=,args= -p ${identity.pid}`,
    },
  );
}
