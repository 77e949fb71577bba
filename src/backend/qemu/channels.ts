import { createConnection, type Socket } from 'node:net';
import { MvmError, systemCode } from '../../errors/mvm-error.ts';
import { tryLock } from '../../state/lock.ts';
import type { Lease, Port } from '../backend.ts';
import { channelLock, channelSocket } from './sockets.ts';

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

/**
 * Takes the lowest free port of the pool. QEMU serves one client per socket and lets a second one wait
 * without a word, so a port is held by a lock file beside its socket; a dead holder's lock is taken over.
 * Throws CHANNELS_BUSY when all `count` are held, VM_NOT_RUNNING where there is no such folder.
 */
export async function leasePort(runtimeDir: string, count: number): Promise<Lease> {
  for (let index = 0; index < count; index++) {
    let lock: Awaited<ReturnType<typeof tryLock>>;
    try {
      lock = await tryLock(channelLock(runtimeDir, index));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') throw notRunning(runtimeDir, error);
      throw error;
    }
    if (lock !== undefined) return { index, release: lock.release };
  }
  throw new MvmError(
    'CHANNELS_BUSY',
    `All ${count} channels of the VM are in use (${runtimeDir}): that many consoles and execs run already.`,
    { hint: 'End one of them and try again.' },
  );
}
