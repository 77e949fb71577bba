import type { MvmError } from '../errors/mvm-error.ts';
import { connectChannel, type GuestAccess } from '../guest/channel/connect.ts';
import { guestLost } from '../guest/channel/failure.ts';
import { guestFailure } from './failure.ts';
import type { Source } from './source.ts';

/**
 * A file or folder of a guest. Throws FILE_UNUSABLE, USAGE where it is a folder and may not be, GUEST_LOST,
 * GUEST_PROTOCOL, GUEST_REFUSED, the signal's reason, and what `connect` throws.
 * @param folderRefused makes the error for a folder that may not be
 */
export async function openGuestSource(
  guest: GuestAccess,
  path: string,
  recursive: boolean,
  folderRefused: () => MvmError,
  signal: AbortSignal,
): Promise<Source> {
  const channel = await connectChannel(guest, { op: 'copy', direction: 'read', path, recursive }, signal);
  const messages = channel[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await messages.next();
    if (done) throw signal.reason ?? guestLost('before the copy was complete');
    if (value.type !== 'error') return value;
    throw value.code === 'is_folder' ? folderRefused() : guestFailure(value, 'read', guest.name ?? '');
  };
  let first = await next();
  while (first.type !== 'started') first = await next();
  const { path: real, kind, size } = first.fields;
  return {
    kind: kind === '' ? 'file' : kind,
    real,
    ...(kind === 'file' && size > 0 ? { size } : {}),
    async *pieces() {
      for (;;) {
        const message = await next();
        if (message.type === 'data') yield message.bytes;
        if (message.type === 'result') return;
      }
    },
    close: () => channel.close(),
  };
}
