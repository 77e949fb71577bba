import type { Duplex } from 'node:stream';
import { channelsOf } from '../backend/channels.ts';
import type { RunningVm } from './vm.ts';

/** Opens streams to one guest; each holds its pool port until it closes. */
export interface GuestAccess {
  key: Buffer;
  connect: () => Promise<Duplex>;
}

/** Access to a running VM's guest agent. `connect` throws CHANNELS_BUSY when all ports are taken. */
export function guestAccess(vm: Pick<RunningVm, 'boot'>): GuestAccess {
  const { backend: name, runtimeDir, ports, key } = vm.boot;
  return {
    key: Buffer.from(key, 'hex'),
    async connect() {
      const backend = await channelsOf(name);
      const lease = await backend.leasePort(runtimeDir, ports);
      try {
        const socket = await backend.connect(runtimeDir, lease.index);
        socket.once('close', () => void lease.release());
        return socket;
      } catch (error) {
        await lease.release();
        throw error;
      }
    },
  };
}
