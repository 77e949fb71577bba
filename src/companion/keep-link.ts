import { setTimeout as delay } from 'node:timers/promises';
import { MvmError } from '../errors/mvm-error.ts';
import type { GuestAccess } from '../guest/channel/connect.ts';
import { type Link, openLink } from '../streams/link.ts';
import type { Session } from '../streams/session.ts';

/** How long it waits before it connects again, in milliseconds: at first, and at most. */
const [firstMs, longestMs] = [50, 10_000];

export interface KeptLink {
  /** The session, as soon as there is one; rejects where there will be none. */
  session(): Promise<Session>;
  /** How many streams are open now. */
  streams(): number;
  /** Resolves once the guest was reached; throws GUEST_REFUSED where its agent has no streams. */
  reached: Promise<void>;
  /** Resolves when the VM has ended. */
  gone: Promise<void>;
}

/**
 * Keeps the operation `streams` of a guest open as long as the VM lives: a guest that broke the protocol, or whose agent
 * dropped the operation, is connected to anew.
 * @param isAlive whether the VMM lives
 */
export function keepLink(
  guest: GuestAccess,
  isAlive: () => Promise<boolean>,
  signal: AbortSignal,
  tell: (text: string) => void,
): KeptLink {
  let next = Promise.withResolvers<Session>();
  next.promise.catch(() => {}); // Nobody may be waiting.
  let link: Link | undefined;
  const reached = Promise.withResolvers<void>();
  reached.promise.catch(() => {});

  async function keep(): Promise<void> {
    for (let pause = firstMs; !signal.aborted && (await isAlive()); pause = Math.min(2 * pause, longestMs)) {
      try {
        const opened = await openLink(guest, signal);
        link = opened;
        next.resolve(opened.session);
        reached.resolve();
        const begun = performance.now();
        const why = await opened.over;
        link = undefined;
        next = Promise.withResolvers();
        next.promise.catch(() => {});
        if (performance.now() - begun > longestMs) pause = firstMs;
        if (!signal.aborted) tell(`the connection to the guest ended: ${String(why)}`);
      } catch (error) {
        if (!signal.aborted) tell(`no connection to the guest: ${String(error)}`);
        if (error instanceof MvmError && error.code === 'GUEST_REFUSED') {
          next.reject(error);
          reached.reject(withoutStreams(error));
          pause = longestMs;
        }
      }
      await delay(pause, undefined, { signal }).catch(() => {});
    }
    next.reject(new Error('the VM has ended'));
    gone.resolve();
  }

  const gone = Promise.withResolvers<void>();
  void keep();

  return {
    async session() {
      const session = await next.promise;
      // Its numbers are used up: its streams end, and a new one follows.
      if (session.usedUp && session.count === 0) await link?.close();
      return session;
    },
    streams: () => link?.session.count ?? 0,
    reached: reached.promise,
    gone: gone.promise,
  };
}

/** The image was built before there were streams. */
function withoutStreams(cause: MvmError): MvmError {
  return new MvmError(
    'GUEST_REFUSED',
    "The VM's image is too old for ports: its agent does not forward any.",
    {
      cause,
      hint: 'mvmctl dev up --restart   (or mvmctl build --rebuild, and start it again)',
    },
  );
}
