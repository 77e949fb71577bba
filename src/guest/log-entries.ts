import { violation } from '../protocol/violation.ts';

/** A line of a service's log. */
export interface LogEntry {
  /** ISO 8601, UTC, with milliseconds. */
  time: string;
  service: string;
  stream: 'out' | 'err';
  /** As the program wrote it, without its newline, whatever its bytes. */
  text: Buffer;
}

export interface LogReader {
  /** The entries that are complete with these bytes. Throws GUEST_PROTOCOL for what is no line of a log. */
  feed(bytes: Buffer): LogEntry[];
  /** Throws GUEST_PROTOCOL where a line has begun and not ended. */
  end(): void;
}

const newline = 0x0a;
/** Longer than any line: 8 KiB of text, and what stands before it. */
const maxLine = 9 * 1024;
const maxHead = 128;
const head =
  /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([A-Za-z0-9][A-Za-z0-9_.-]{0,62}) (out|err|gap)(?: |$)/;

/** So many lines of a service were dropped before they could be read. */
export type OnGap = (service: string, lines: number) => void;

/** Reads the DATA of the operation `logs`, in whatever pieces it comes; see protocol/PROTOCOL.md. */
export function createLogReader(onGap: OnGap): LogReader {
  let begun: Buffer = Buffer.alloc(0);
  return {
    feed(bytes) {
      const entries: LogEntry[] = [];
      const all = begun.length === 0 ? bytes : Buffer.concat([begun, bytes]);
      let from = 0;
      for (;;) {
        const to = all.indexOf(newline, from);
        if ((to < 0 ? all.length : to) - from > maxLine)
          throw violation('payload', 'a line of a log is too long');
        if (to < 0) break;
        const found = entry(all.subarray(from, to));
        if (found.stream === 'gap') onGap(found.service, lineCount(found.text));
        else entries.push({ ...found, stream: found.stream });
        from = to + 1;
      }
      begun = all.subarray(from);
      return entries;
    },
    end() {
      if (begun.length > 0) throw violation('payload', 'a log ends in the middle of a line');
    },
  };
}

function entry(line: Buffer): Omit<LogEntry, 'stream'> & { stream: LogEntry['stream'] | 'gap' } {
  const found = head.exec(line.toString('latin1', 0, maxHead));
  if (found === null) throw violation('payload', 'a line of a log has no time and name');
  const [{ length }, time = '', service = '', stream] = found;
  return { time, service, stream: stream as 'out' | 'err' | 'gap', text: line.subarray(length) };
}

function lineCount(text: Buffer): number {
  const digits = text.toString('latin1');
  if (!/^\d{1,15}$/.test(digits)) throw violation('payload', 'a gap in a log has no length');
  return Number(digits);
}
