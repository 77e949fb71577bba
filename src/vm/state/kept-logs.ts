import { readFile, stat } from 'node:fs/promises';
import { MvmError, systemCode } from '../../errors/mvm-error.ts';
import { createLogReader, type LogEntry } from '../../guest/services/log-entries.ts';

/** The most that is kept of what one service wrote, and of all together, when their VM stops; in bytes. */
export const mostKept = { service: 2 ** 20, all: 16 * 2 ** 20 };

/** Gathers what the operation `logs` sends, and of each service forgets the oldest. */
export interface LogKeeper {
  take(bytes: Buffer): void;
  /** Whole lines, as the guest sent them, in its order. */
  text(): Buffer;
}

interface Kept {
  lines: { at: number; line: Buffer }[];
  bytes: number;
}

export function createLogKeeper(most = mostKept): LogKeeper {
  const services = new Map<string, Kept>();
  let rest: Buffer = Buffer.alloc(0);
  let at = 0;
  let all = 0;
  const forgetOldest = (kept: Kept) => {
    const bytes = kept.lines.shift()?.line.length ?? 0;
    kept.bytes -= bytes;
    all -= bytes;
  };
  const add = (line: Buffer) => {
    const name = line.toString('latin1', 0, 128).split(' ', 2)[1] ?? '';
    const kept = services.get(name) ?? { lines: [], bytes: 0 };
    services.set(name, kept);
    kept.lines.push({ at: at++, line });
    kept.bytes += line.length;
    all += line.length;
    while (kept.bytes > most.service) forgetOldest(kept);
    while (all > most.all) forgetOldest(largest(services));
  };
  return {
    take(bytes) {
      const text = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      let from = 0;
      for (let to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
        // A copy: what it is a part of holds much else.
        add(Buffer.from(text.subarray(from, to + 1)));
        from = to + 1;
      }
      rest = text.subarray(from);
    },
    text() {
      const lines = [...services.values()].flatMap((kept) => kept.lines);
      return Buffer.concat(lines.sort((a, b) => a.at - b.at).map(({ line }) => line));
    },
  };
}

function largest(services: ReadonlyMap<string, Kept>): Kept {
  let found: Kept = { lines: [], bytes: 0 };
  for (const kept of services.values()) if (kept.bytes > found.bytes) found = kept;
  return found;
}

export interface KeptQuery {
  /** A service, or `entrypoint`; without it, all of them. */
  service?: string | undefined;
  sinceUnixMs?: number | undefined;
  /** So many of the last lines. */
  tail?: number | undefined;
}

export interface KeptLogs {
  entries: LogEntry[];
  /** Of all that is kept, whatever was asked for. */
  services: ReadonlySet<string>;
  /** When the VM was stopped. */
  at: Date;
}

/**
 * What the services of a VM that is stopped wrote before that; undefined where nothing was kept.
 * @throws MvmError VM_BROKEN where the file can't be read, or is not what was written
 */
export async function readKeptLogs(path: string, query: KeptQuery = {}): Promise<KeptLogs | undefined> {
  const text = await read(path);
  if (text === undefined) return undefined;
  const { mtime } = await stat(path);
  const reader = createLogReader(() => {});
  const all = parse(path, () => [...reader.feed(text), ...reader.end()]);
  const { service, sinceUnixMs = 0, tail } = query;
  const entries = all.filter(
    (entry) => (service === undefined || entry.service === service) && Date.parse(entry.time) >= sinceUnixMs,
  );
  return {
    entries: tail === undefined ? entries : entries.slice(Math.max(0, entries.length - tail)),
    services: new Set(all.map((entry) => entry.service)),
    at: mtime,
  };
}

async function read(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return undefined;
    throw new MvmError('VM_BROKEN', `${path} can't be read.`, { cause });
  }
}

function parse<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new MvmError('VM_BROKEN', `${path} is damaged: it is no log of services.`, { cause });
  }
}
