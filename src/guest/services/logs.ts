import type { OpenMessages } from '../../protocol/host-messages.ts';
import { connectChannel, type GuestAccess } from '../channel/connect.ts';
import { refused } from '../channel/failure.ts';
import { createLogReader, type LogEntry, type OnGap } from './log-entries.ts';

export type { LogEntry } from './log-entries.ts';

export interface LogQuery {
  /** A service, or `entrypoint`; without it, all of them by time. */
  service?: string | undefined;
  /** Go on with what is written from now on. */
  follow?: boolean;
  sinceUnixMs?: number | undefined;
  /** So many of the last lines. */
  tail?: number | undefined;
  /** Hears of lines that were dropped because they came faster than they were read. */
  onGap?: OnGap;
  signal?: AbortSignal;
}

/**
 * Reads the logs of services. `onEntries` gets them in order, in batches of at most some hundred; while its promise
 * is pending the guest is not read from, which holds up nothing there. A line that has no end yet comes last; with
 * `follow`, when it ends. Resolves with the number of lines that the
 * bound of the logs has cost so far; never with `follow`, whose end is the abort of `signal` or GUEST_LOST, when the
 * VM ends. Throws SERVICE_NOT_FOUND, GUEST_REFUSED, GUEST_LOST, GUEST_PROTOCOL, the abort reason.
 */
export async function readLogs(
  guest: GuestAccess,
  query: LogQuery,
  onEntries: (entries: LogEntry[]) => Promise<void> | void,
): Promise<{ dropped: number }> {
  const { service, follow = false, sinceUnixMs, tail, signal } = query;
  const open: OpenMessages['logs'] = {
    op: 'logs',
    follow,
    ...(service === undefined ? {} : { service }),
    ...(sinceUnixMs === undefined ? {} : { sinceUnixMs }),
    ...(tail === undefined ? {} : { tail }),
  };
  const channel = await connectChannel(guest, open, signal);
  const reader = createLogReader(query.onGap ?? (() => {}));
  for await (const message of channel) {
    if (message.type === 'error') throw refused(message);
    if (message.type === 'data') {
      const entries = reader.feed(message.bytes);
      if (entries.length > 0) await onEntries(entries);
    } else if (message.type === 'result') {
      const begun = reader.end();
      if (begun.length > 0) await onEntries(begun);
      return message.fields;
    }
  }
  // The iteration throws rather than end without a terminal message.
  throw signal?.reason;
}
