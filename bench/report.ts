import { table } from '../src/cli/render/table.ts';

interface Row {
  what: string;
  value: string;
  limit: string;
  held: boolean | undefined;
}

/** What the subjects measured, each row with its limit. */
export interface Report {
  /** Two medians of one `interleave`, as their ratio. Without a limit it is only shown. */
  ratio(
    what: string,
    times: Readonly<Record<string, number>>,
    subject: string,
    base: string,
    limit?: number,
  ): void;
  /** Bytes. */
  size(what: string, bytes: number, limit: number): void;
  /** A size as a multiple of another. */
  share(what: string, bytes: number, of: number): void;
  /** Processor time as a share of one core. */
  cpu(what: string, share: number, limit: number): void;
  /** The table of all rows. */
  text(): string;
  /** Whether no limit was passed. */
  held(): boolean;
}

export function createReport(): Report {
  const rows: Row[] = [];
  const add = (what: string, value: string, limit: string, held?: boolean) =>
    rows.push({ what, value, limit, held });
  const word = (held: boolean | undefined) => (held === undefined ? 'shown' : held ? 'held' : 'PASSED');
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(2)} MB`;
  return {
    ratio(what, times, subject, base, limit) {
      const [a = 0, b = 0] = [times[subject], times[base]];
      const value = `${(a / b).toFixed(2)} × (${Math.round(a)} ms : ${Math.round(b)} ms)`;
      if (limit === undefined) add(what, value, '-');
      else add(what, value, `≤ ${limit} ×`, a / b <= limit);
    },
    size: (what, bytes, limit) => add(what, megabytes(bytes), `≤ ${limit / 1e6} MB`, bytes <= limit),
    share: (what, bytes, of) =>
      add(what, `${(bytes / of).toFixed(2)} × (${megabytes(bytes)} : ${megabytes(of)})`, '-'),
    cpu: (what, share, limit) =>
      add(what, `${(share * 100).toFixed(2)} % of a core`, `≤ ${limit * 100} %`, share <= limit),
    text: () =>
      table(
        ['what', 'measured', 'limit', ''],
        rows.map((row) => [row.what, row.value, row.limit, word(row.held)]),
      ),
    held: () => rows.every((row) => row.held !== false),
  };
}
