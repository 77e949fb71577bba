import { isStopped, type ProcessIdentity } from '../../../process/identity.ts';
import type { RunState } from '../../backend.ts';
import { qmpSocket } from '../plan/sockets.ts';
import { connectQmp } from './qmp.ts';

/** How long QEMU's main loop may take to answer, in milliseconds. */
const answerMs = 1000;

/** QEMU's RunState (qapi/run-state.json) where a guest that could run does not. */
const states: Readonly<Record<string, RunState>> = {
  // A write failed on the host; see `werror` in plan/devices.ts.
  'io-error': 'host-write-failed',
  paused: 'paused',
  suspended: 'paused',
  // It waits for the state of a template, which nobody sends any more.
  inmigrate: 'paused',
};

export async function runState(identity: ProcessIdentity, runtimeDir: string): Promise<RunState> {
  if (isStopped(identity)) return 'stopped';
  try {
    const qmp = await connectQmp(qmpSocket(runtimeDir), answerMs);
    try {
      const answer = (await qmp.execute('query-status')) as { status?: unknown };
      const state = states[String(answer.status)] ?? 'running';
      if (state !== 'host-write-failed') return state;
      const drives = (await qmp.execute('query-block')) as { 'io-status'?: unknown }[];
      return drives.some((drive) => drive['io-status'] === 'nospace') ? 'host-disk-full' : state;
    } finally {
      qmp.close();
    }
  } catch {
    // It may be ending, or stuck: the caller can look at the process.
    return 'unknown';
  }
}

export async function resume(runtimeDir: string): Promise<void> {
  const qmp = await connectQmp(qmpSocket(runtimeDir), answerMs);
  try {
    await qmp.execute('cont');
  } finally {
    qmp.close();
  }
}
