/** What `nix --log-format internal-json` prints (ActivityType and ResultType: Nix 2.26, src/libutil/logging.hh). */

const activities = {
  100: 'copy-path',
  101: 'download',
  102: 'realise',
  103: 'copy-paths',
  104: 'builds',
  105: 'build',
  106: 'optimise',
  107: 'verify',
  108: 'substitute',
  109: 'query',
  110: 'post-build-hook',
  111: 'build-waiting',
  112: 'fetch-tree',
} as const;

export type NixActivity = (typeof activities)[keyof typeof activities] | 'other';

export type NixEvent =
  | { kind: 'start'; id: number; activity: NixActivity; text: string; fields: readonly (string | number)[] }
  | { kind: 'stop'; id: number }
  /** Of `builds` and `copy-paths`: things; of downloads and `copy-path`: bytes. */
  | { kind: 'progress'; id: number; done: number; expected: number; running: number; failed: number }
  /** How much of an activity there will be in all, as `id` knows so far. */
  | { kind: 'expected'; id: number; activity: NixActivity; expected: number }
  /** A line that a builder (or its hook) wrote. */
  | { kind: 'log'; id: number; line: string }
  | { kind: 'phase'; id: number; phase: string }
  | NixMessage;

export interface NixMessage {
  kind: 'message';
  /** 0 error, 1 warning, 3 info, 4 and up chatter. */
  level: number;
  /** All of it, as a person reads it, with the trace. */
  text: string;
  /** Its heart. */
  core: string;
  /** Where in the Nix code, when Nix says so. */
  file?: string;
  line?: number;
}

/** Characters that are kept of a text, and of a line of a build's log. */
const longest = 16_384;
const longestLine = 2000;

/**
 * Reads one line, without its end. A line that is not a log entry is a message of level 0: a complaint of
 * the shell, the loader, or Nix before it logs; an empty line and an entry that we don't know is undefined.
 * Whatever the bytes, it does not throw, and texts come without control sequences.
 */
export function parseNixLine(line: string): NixEvent | undefined {
  if (!line.startsWith('@nix ')) {
    const text = plain(line.slice(0, longest)).trimEnd();
    return text.trim() === '' ? undefined : { kind: 'message', level: 0, text, core: text };
  }
  let item: unknown;
  try {
    item = JSON.parse(line.slice('@nix '.length));
  } catch {
    // A builder may write anything, half an entry too: nothing that we could tell.
    return undefined;
  }
  if (typeof item !== 'object' || item === null) return undefined;
  const { action, id } = item as Record<string, unknown>;
  if (action === 'msg') return message(item as Record<string, unknown>);
  if (!Number.isSafeInteger(id)) return undefined;
  if (action === 'stop') return { kind: 'stop', id: id as number };
  const { type, text, fields } = item as Record<string, unknown>;
  const values = Array.isArray(fields) ? fields.map(scalar) : [];
  if (action === 'start') {
    return { kind: 'start', id: id as number, activity: activity(type), text: string(text), fields: values };
  }
  return action === 'result' ? result(id as number, type, values) : undefined;
}

function message(item: Record<string, unknown>): NixEvent {
  const text = typeof item.msg === 'string' ? plain(ends(item.msg)) : '';
  const core = item.raw_msg === undefined ? text : string(item.raw_msg);
  const level = Number.isSafeInteger(item.level) ? (item.level as number) : 0;
  // `file` has the line and the column behind it in Nix 2.26.
  const file = typeof item.file === 'string' ? plain(item.file).replace(/:\d+:\d+$/, '') : undefined;
  return {
    kind: 'message',
    level,
    text,
    core,
    ...(file === undefined ? {} : { file }),
    ...(Number.isSafeInteger(item.line) ? { line: item.line as number } : {}),
  };
}

/** The beginning and the end of a long text: of a trace, the project's frames and what is wrong. */
function ends(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest / 2)}\n\n…\n\n${text.slice(-longest / 2)}`;
}

function result(id: number, type: unknown, fields: readonly (string | number)[]): NixEvent | undefined {
  const [a, b, c, d] = fields;
  switch (type) {
    case 101:
    case 107:
      return { kind: 'log', id, line: String(a ?? '').slice(0, longestLine) };
    case 104:
      return { kind: 'phase', id, phase: String(a ?? '').slice(0, 100) };
    case 105:
      return {
        kind: 'progress',
        id,
        done: count(a),
        expected: count(b),
        running: count(c),
        failed: count(d),
      };
    case 106:
      return { kind: 'expected', id, activity: activity(a), expected: count(b) };
    default:
      return undefined;
  }
}

function activity(type: unknown): NixActivity {
  // A key that is not a number may be anything: an object without a text form, a name that every object has.
  return typeof type === 'number' ? (activities[type as keyof typeof activities] ?? 'other') : 'other';
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
}

function scalar(value: unknown): string | number {
  return typeof value === 'number' ? value : string(value);
}

function string(value: unknown): string {
  return typeof value === 'string' ? plain(value.slice(0, longest)) : '';
}

/** Without colours and other control sequences; line breaks and tabs stay. */
export function plain(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences are what it is about.
      .replace(/\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])/g, '')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
      .replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '')
  );
}
