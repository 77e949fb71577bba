import { posix } from 'node:path';
import { connectChannel, type GuestAccess } from '../guest/channel/connect.ts';
import { guestLost } from '../guest/channel/failure.ts';
import { guestFailure } from './failure.ts';
import type { Source, Target } from './source.ts';

/** What is made in a guest, which starts when the guest says so: there, what it is and where. */
export interface GuestTargetOptions {
  path: string;
  slash: boolean;
  /** What it is called in the folder at `path`; empty: it is called `path`. */
  name: string;
  kind: Source['kind'];
  signal: AbortSignal;
}

/**
 * Writes a tree in a guest. Its methods throw FILE_UNUSABLE, STATE_WRITE (its disk is full), TREE_REFUSED, GUEST_LOST,
 * GUEST_PROTOCOL, GUEST_REFUSED, the signal's reason.
 */
export async function openGuestTarget(guest: GuestAccess, options: GuestTargetOptions): Promise<Target> {
  const { path, name, signal } = options;
  const channel = await connectChannel(guest, { op: 'copy', direction: 'write', path, name }, signal);
  const started = Promise.withResolvers<{ path: string; kind: string }>();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  let isOver = false;
  const result = (async () => {
    for await (const message of channel) {
      if (message.type === 'started') started.resolve(message.fields);
      else if (message.type === 'error') throw guestFailure(message, 'write', guest.name ?? '');
      else if (message.type === 'result') return;
    }
    throw signal.reason ?? guestLost('before the copy was complete');
  })();
  result.catch((error: unknown) => {
    isOver = true;
    failed.reject(error);
    started.reject(error);
  });
  const there = await started.promise;
  return {
    real: isInside(there.kind, options) ? posix.join(there.path, name) : there.path,
    failed: failed.promise,
    async take(piece) {
      await channel.writeInput(piece);
      if (isOver || channel.ended) await result;
    },
    async finish() {
      await channel.endInput();
      await result;
    },
    async close() {
      await channel.close();
      await result.catch(() => {});
    },
  };
}

/** Whether the tree comes into a folder at the path, by its name. */
function isInside(there: string, { name, slash, kind }: GuestTargetOptions): boolean {
  if (name === '') return false;
  return there === 'folder' || (there === '' && (slash || kind === 'folder'));
}
