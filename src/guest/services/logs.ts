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
  /** So many of each service. */
  each?: boolean;
  /** Hears of lines that were dropped because they came faster than they were read. */
  onGap?: OnGap;
  signal?: AbortSignal;
}

/** What the operation's frames carry, in whatever pieces they come; see protocol/PROTOCOL.md. */
export interface LogSink {
  /** The guest answers; what follows is written. */
  onStarted?: () => void;
  /** While its promise is pending the guest is not read from, which holds up nothing there. */
  onBytes: (bytes: Buffer) => Promise<void> | void;
}

/**
 * Copies the logs of services as the guest sends them, which `createLogReader` reads. Resolves with the number of lines
 * that the bound of the logs has cost so far; with `follow` when the VM shuts down, with all that was written before that. Throws SERVICE_NOT_FOUND, GUEST_REFUSED, GUEST_LOST, GUEST_PROTOCOL, the abort reason.
 */
export async function copyLogs(
  guest: GuestAccess,
  query: Omit<LogQuery, 'onGap'>,
  { onStarted, onBytes }: LogSink,
): Promise<{ dropped: number }> {
  const { service, follow = false, sinceUnixMs, tail, each, signal } = query;
  const open: OpenMessages['logs'] = {
    op: 'logs',
    follow,
    ...(each === undefined ? {} : { each }),
    ...(service === undefined ? {} : { service }),
    ...(sinceUnixMs === undefined ? {} : { sinceUnixMs }),
    ...(tail === undefined ? {} : { tail }),
  };
  const channel = await connectChannel(guest, open, signal);
  for await (const message of channel) {
    if (message.type === 'error') throw refused(message);
    if (message.type === 'started') onStarted?.();
    else if (message.type === 'data') await onBytes(message.bytes);
    else if (message.type === 'result') return message.fields;
  }
  // The iteration throws rather than end without a terminal message.
  throw signal?.reason;
}

/**
 * Reads the logs of services as `copyLogs` does. `onEntries` gets them in order, in batches of at most some hundred. A
 * line that has no end yet comes last; with `follow`, when it ends.
 */
export async function readLogs(
  guest: GuestAccess,
  query: LogQuery,
  onEntries: (entries: LogEntry[]) => Promise<void> | void,
): Promise<{ dropped: number }> {
  const reader = createLogReader(query.onGap ?? (() => {}));
  const give = (entries: LogEntry[]) => (entries.length > 0 ? onEntries(entries) : undefined);
  const result = await copyLogs(guest, query, { onBytes: (bytes) => give(reader.feed(bytes)) });
  await give(reader.end());
  return result;
}
