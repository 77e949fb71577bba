import { connectChannel } from '../../src/guest/channel/connect.ts';
import { guestAccess } from '../../src/vm/condition/guest.ts';
import type { RunningVm } from '../../src/vm/state/vm.ts';

/** What a VM's entrypoint wrote until it ended, and its status. */
export async function entrypointOf(vm: RunningVm): Promise<{ text: string; status: number | undefined }> {
  const guest = guestAccess(vm);
  const ended = { text: '', status: undefined as number | undefined };
  for await (const message of await connectChannel(guest, { op: 'entrypoint' })) {
    if (message.type === 'data') ended.text += message.bytes;
    if (message.type === 'exit') ended.status = message.status;
  }
  return ended;
}
