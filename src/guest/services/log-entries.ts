import { violation } from '../../protocol/violation.ts';

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
  /** The entries that are complete with these bytes. Throws GUEST_PROTOCOL for anything that is not a log line. */
  feed(bytes: Buffer): LogEntry[];
  /** What began and has no end yet. Throws GUEST_PROTOCOL where the bytes end in the middle of a piece. */
  end(): LogEntry[];
}

const newline = 0x0a;
/** Longer than any piece of a line: 8 KiB of text, and what stands before it. */
const maxPiece = 9 * 1024;
/** A guest divides lines that are longer than 1 MiB at the end of a piece. */
const maxLine = 2 ** 20 + maxPiece;
/** How much of lines without an end is kept for all services together, in bytes. */
const maxBegun = 64 * 2 ** 20;
const maxHead = 128;
const head =
  /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([A-Za-z0-9][A-Za-z0-9_.-]{0,62}) (gap|out|err)(\+?)(?: |$)/;

/** So many lines of a service were dropped before they could be read. */
export type OnGap = (service: string, lines: number) => void;

/** A line of the operation's DATA: a line of a log, or a piece of one. */
interface Piece extends Omit<LogEntry, 'stream'> {
  stream: LogEntry['stream'] | 'gap';
  goesOn: boolean;
}

/** Reads the DATA of the operation `logs`, in whatever pieces it comes; see protocol/PROTOCOL.md. */
export function createLogReader(onGap: OnGap): LogReader {
  let rest: Buffer = Buffer.alloc(0);
  const lines = createLineJoiner();
  return {
    feed(bytes) {
      const entries: LogEntry[] = [];
      const all = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      let from = 0;
      for (;;) {
        const to = all.indexOf(newline, from);
        if ((to < 0 ? all.length : to) - from > maxPiece)
          throw violation('payload', 'a line of a log is too long');
        if (to < 0) break;
        const piece = parse(all.subarray(from, to));
        if (piece.stream === 'gap') {
          lines.forget(piece.service);
          onGap(piece.service, lineCount(piece.text));
        } else {
          const entry = lines.add({ ...piece, stream: piece.stream });
          if (entry !== undefined) entries.push(entry);
        }
        from = to + 1;
      }
      rest = all.subarray(from);
      return entries;
    },
    end() {
      if (rest.length > 0) throw violation('payload', 'a log ends in the middle of a line');
      return lines.begun();
    },
  };
}

/** Joins the pieces of lines, of which each stream of each service has one at a time. */
function createLineJoiner() {
  const open = new Map<string, { entry: LogEntry; pieces: Buffer[]; bytes: number }>();
  let kept = 0;
  const whole = ({ entry, pieces }: { entry: LogEntry; pieces: Buffer[] }): LogEntry => ({
    ...entry,
    text: Buffer.concat(pieces),
  });
  const close = (key: string) => {
    const line = open.get(key);
    kept -= line?.bytes ?? 0;
    open.delete(key);
    return line;
  };
  return {
    /** The line that ends with this piece. */
    add({ goesOn, ...entry }: LogEntry & { goesOn: boolean }): LogEntry | undefined {
      const key = `${entry.service} ${entry.stream}`;
      let line = open.get(key);
      if (line === undefined) {
        if (!goesOn) return entry;
        line = { entry, pieces: [], bytes: 0 };
        open.set(key, line);
      }
      // A copy: what it is a part of holds much else.
      line.pieces.push(Buffer.from(entry.text));
      line.bytes += entry.text.length;
      kept += entry.text.length;
      if (line.bytes > maxLine || kept > maxBegun) throw violation('payload', 'a line of a log is too long');
      if (goesOn) return undefined;
      close(key);
      return whole(line);
    },
    /** The rest of these lines will not come. */
    forget(service: string): void {
      for (const stream of ['out', 'err']) close(`${service} ${stream}`);
    },
    begun: (): LogEntry[] => [...open.values()].map(whole),
  };
}

function parse(line: Buffer): Piece {
  const found = head.exec(line.toString('latin1', 0, maxHead));
  if (found === null) throw violation('payload', 'a line of a log has no time and name');
  const [{ length }, time = '', service = '', stream, more] = found;
  return {
    time,
    service,
    stream: stream as Piece['stream'],
    text: line.subarray(length),
    goesOn: more === '+',
  };
}

function lineCount(text: Buffer): number {
  const digits = text.toString('latin1');
  if (!/^\d{1,15}$/.test(digits)) throw violation('payload', 'a gap in a log has no length');
  return Number(digits);
}
