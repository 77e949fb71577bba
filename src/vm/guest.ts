import { channelsOf } from '../backend/channels.ts';
import { type Emit, silent } from '../events/events.ts';
import type { GuestAccess } from '../guest/connect.ts';
import type { RunningVm } from './vm.ts';

/**
 * Access to a running VM's guest agent; each stream holds its pool port until it closes. Who waits for a port or for a
 * guest that does not answer is told, with the reason. `connect` throws CHANNELS_BUSY, VM_NOT_RUNNING, GUEST_LOST.
 */
export function guestAccess(
  vm: Pick<RunningVm, 'boot' | 'name' | 'vmm' | 'paths'>,
  emit: Emit = silent,
): GuestAccess {
  const { backend: name, runtimeDir, ports, key } = vm.boot;
  return {
    key: Buffer.from(key, 'hex'),
    async connect(purpose, signal) {
      const backend = await channelsOf(name);
      const lease = await backend.leasePort(runtimeDir, ports, {
        purpose,
        ...(signal === undefined ? {} : { signal }),
        onWait: () =>
          emit({
            type: 'note',
            level: 'info',
            text: `All channels of '${vm.name}' are in use; waiting until a console or exec ends …`,
          }),
      });
      try {
        const socket = await backend.connect(runtimeDir, lease.index);
        socket.once('close', () => void lease.release());
        return socket;
      } catch (error) {
        await lease.release();
        throw error;
      }
    },
    onSilence(isSilent) {
      void import('./silence.ts').then(({ tellSilence }) => tellSilence(vm, isSilent, emit));
    },
  };
}
