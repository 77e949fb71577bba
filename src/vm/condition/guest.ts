import { setTimeout as delay } from 'node:timers/promises';
import { channelsOf } from '../../backend/channels.ts';
import { MvmError, systemCode } from '../../errors/mvm-error.ts';
import { type Emit, silent } from '../../events/events.ts';
import type { GuestAccess } from '../../guest/channel/connect.ts';
import { noAnswer } from '../../guest/channel/failure.ts';
import type { RunningVm } from '../state/vm.ts';
import { forgetSilence } from './silence-mark.ts';

/**
 * Access to a running VM's guest agent; each stream holds its pool port until it closes. A wait for a port or for a
 * guest that does not answer is reported, with the reason. `connect` throws CHANNELS_BUSY, VM_NOT_RUNNING, GUEST_LOST, GUEST_SILENT.
 */
export function guestAccess(
  vm: Pick<RunningVm, 'boot' | 'name' | 'vmm' | 'paths'>,
  emit: Emit = silent,
): GuestAccess {
  const { backend: name, runtimeDir, ports, key } = vm.boot;
  const tell = (isSilent: boolean): void =>
    void import('./silence.ts').then(({ tellSilence }) => tellSilence(vm, isSilent, emit));
  return {
    key: Buffer.from(key, 'hex'),
    name: vm.name,
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
        const socket = await patiently(() => backend.connect(runtimeDir, lease.index), vm.name, tell, signal);
        socket.once('close', () => void lease.release());
        socket.once('data', () => forgetSilence(runtimeDir));
        return socket;
      } catch (error) {
        await lease.release();
        throw error;
      }
    },
    onSilence: tell,
  };
}

/** A VMM that takes no connections is as silent as a guest that takes no questions; in milliseconds. */
const silentMs = 3000;
const longestMs = 30_000;
/** There is no event for it accepting them again. */
const againMs = 300;

/** Connects as soon as the VMM lets us; waiting is reported as with a silent guest. Throws what `connect` throws. */
async function patiently<T>(
  connect: () => Promise<T>,
  name: string,
  tell: (isSilent: boolean) => void,
  signal: AbortSignal | undefined,
): Promise<T> {
  const begun = performance.now();
  for (let told = false; ; ) {
    try {
      const made = await connect();
      if (told) tell(false);
      return made;
    } catch (error) {
      const waited = performance.now() - begun;
      // So many wait already that the kernel takes no more of them (connect(2)).
      const isFull = error instanceof MvmError && systemCode(error.cause) === 'EAGAIN';
      if (!isFull) throw error;
      if (waited > longestMs) throw noAnswer(longestMs, name);
      if (!told && waited > silentMs) {
        told = true;
        tell(true);
      }
      await delay(againMs);
      signal?.throwIfAborted();
    }
  }
}
