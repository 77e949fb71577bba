import { createConnection, type Socket } from 'node:net';
import { MvmError, systemCode } from '../../../errors/mvm-error.ts';
import { awaitChange } from '../../../state/await-change.ts';
import { tryOrGoOn } from '../../../state/lock.ts';
import type { Lease, LeaseOptions, Port } from '../../backend.ts';
import { channelLock, channelSocket } from '../plan/sockets.ts';

function notRunning(runtimeDir: string, cause: unknown): MvmError {
  return new MvmError('VM_NOT_RUNNING', `The VM is not running: nothing listens in ${runtimeDir}.`, {
    cause,
    hint: 'mvmctl ls',
  });
}

/** Opens a channel's socket. Throws VM_NOT_RUNNING where no QEMU listens, GUEST_LOST for any other failure. */
export function connect(runtimeDir: string, port: Port): Promise<Socket> {
  const path = channelSocket(runtimeDir, port);
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path });
    const failed = (error: Error): void => {
      const code = systemCode(error);
      if (code === 'ENOENT' || code === 'ECONNREFUSED') reject(notRunning(runtimeDir, error));
      else reject(new MvmError('GUEST_LOST', `Can't connect to ${path}: ${code}.`, { cause: error }));
    };
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.off('error', failed);
      resolve(socket);
    });
  });
}

/** How long to wait for a port, in milliseconds, and when to report the wait. */
const patienceMs = 300_000;
const tellMs = 1000;
/** A holder that is killed changes no file: its death is only seen by looking again. */
const lookMs = 1000;

/** Questions take the last port, which is kept for them, or any other; work takes any but that, the lowest first. */
function candidates(count: number, purpose: LeaseOptions['purpose']): number[] {
  const all = Array.from({ length: count }, (_, index) => index);
  return purpose === 'question' ? all.reverse() : all.slice(0, Math.max(1, count - 1));
}

async function tryLease(runtimeDir: string, indexes: readonly number[]): Promise<Lease | undefined> {
  for (const index of indexes) {
    try {
      const lock = await tryOrGoOn(channelLock(runtimeDir, index), () => {});
      if (lock !== undefined) return { index, release: lock.release };
    } catch (error) {
      if (systemCode(error) === 'ENOENT') throw notRunning(runtimeDir, error);
      throw error;
    }
  }
  return undefined;
}

/**
 * Takes a free port of the pool, waiting for one. QEMU serves one client per socket and lets a second one wait
 * silently, so a port is held by a lock file next to its socket; a dead holder's lock is taken over.
 * Throws CHANNELS_BUSY after five minutes, VM_NOT_RUNNING where there is no such folder, the signal's reason.
 */
export async function leasePort(runtimeDir: string, count: number, options: LeaseOptions): Promise<Lease> {
  const { purpose, onWait, signal } = options;
  const indexes = candidates(count, purpose);
  const first = await tryLease(runtimeDir, indexes);
  if (first !== undefined) return first;
  const deadline = performance.now() + patienceMs;
  const tell = setTimeout(() => onWait?.(), tellMs);
  try {
    while (performance.now() < deadline) {
      signal?.throwIfAborted();
      const found = new AbortController();
      // Begins before the look, so that a port which is freed during it is not missed.
      const over = signal === undefined ? found.signal : AbortSignal.any([signal, found.signal]);
      const changed = awaitChange(runtimeDir, (file) => file.endsWith('.lock'), lookMs, over);
      try {
        const lease = await tryLease(runtimeDir, indexes);
        if (lease !== undefined) return lease;
        await changed;
      } finally {
        found.abort();
      }
    }
  } finally {
    clearTimeout(tell);
  }
  throw new MvmError(
    'CHANNELS_BUSY',
    `All ${indexes.length} channels of the VM have been in use for ${patienceMs / 60_000} minutes (${runtimeDir}), by as many consoles and execs.`,
    { hint: 'end one of them and try again' },
  );
}
