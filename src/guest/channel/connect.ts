import type { Duplex } from 'node:stream';
import type { Notice } from '../../protocol/fields.ts';
import type { OpenMessage } from '../../protocol/host-messages.ts';
import { type Channel, openChannel } from './channel.ts';
import type { SilenceListener } from './silence.ts';

/** What a channel is for: `question` is a request that a guest answers at once. */
export type Purpose = 'question' | 'work';

/** How a guest is reached. */
export interface GuestAccess {
  /** This boot's key, 32 bytes. */
  key: Buffer;
  /** Opens the byte stream of a channel; a backend provides it. */
  connect: (purpose: Purpose, signal?: AbortSignal) => Promise<Duplex>;
  /** Called when the guest falls silent during a wait, and when it answers again. */
  onSilence?: SilenceListener;
  /** Told what listens in the guest while a program or a console of it is attached. */
  onNotice?: (notice: Notice) => void;
  /** The VM's name, for messages. */
  name?: string;
}

/** A guest's answer takes as long as the guest takes to see the question. */
function purposeOf(open: OpenMessage): Purpose {
  const isQuestion = open.op === 'info' || open.op === 'shutdown' || (open.op === 'services' && !open.follow);
  return isQuestion ? 'question' : 'work';
}

/** Connects and opens a channel for one operation; see `openChannel`. Throws what `connect` throws. */
export async function connectChannel<M extends OpenMessage>(
  guest: GuestAccess,
  open: M,
  signal?: AbortSignal,
): Promise<Channel<M['op']>> {
  signal?.throwIfAborted();
  const { key, onSilence, onNotice, name } = guest;
  const watches = onNotice !== undefined && (open.op === 'exec' || open.op === 'console');
  return openChannel(await guest.connect(purposeOf(open), signal), {
    key,
    open: watches ? { ...open, listeners: true } : open,
    ...(onNotice === undefined ? {} : { onNotice }),
    ...(onSilence === undefined ? {} : { onSilence }),
    ...(signal === undefined ? {} : { signal }),
    ...(name === undefined ? {} : { vm: name }),
  });
}
