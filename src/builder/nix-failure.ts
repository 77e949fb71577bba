import { MvmError } from '../errors/mvm-error.ts';
import { diskFull } from './failure.ts';

/** What a run of Nix said that matters for an error; fed with the lines of `--log-format internal-json`. */
export interface NixRecord {
  take(line: string): void;
  /** The messages of level 0, oldest first. */
  readonly errors: readonly NixMessage[];
  /** The last lines that the builder of this derivation wrote. */
  logOf(derivation: string): readonly string[];
}

export interface NixMessage {
  /** All of it, as a person reads it. */
  text: string;
  /** Its heart, without the trace. */
  core: string;
}

/** Lines of a builder's output that are kept for an error. */
const keptLines = 20;

/** ActivityType and ResultType of Nix (src/libutil/logging.hh): a build, and a line of its log. */
const buildActivity = 105;
const logLine = 101;

export function recordNix(): NixRecord {
  const errors: NixMessage[] = [];
  const derivations = new Map<number, string>();
  const logs = new Map<string, string[]>();
  return {
    errors,
    logOf: (derivation) => logs.get(derivation) ?? [],
    take(line) {
      const item = parse(line);
      if (item === undefined) {
        // What is no entry of the log is a complaint of the loader, the shell, or Nix before it logs.
        if (line.trim() !== '') errors.push({ text: line, core: line });
        return;
      }
      const { action, id, type, level, msg, raw_msg: raw, fields } = item;
      if (action === 'msg' && level === 0 && typeof msg === 'string') {
        errors.push({ text: plain(msg), core: plain(typeof raw === 'string' ? raw : msg) });
      } else if (action === 'start' && type === buildActivity && typeof fields?.[0] === 'string') {
        derivations.set(Number(id), fields[0]);
      } else if (action === 'result' && type === logLine && typeof fields?.[0] === 'string') {
        const derivation = derivations.get(Number(id));
        if (derivation === undefined) return;
        const lines = logs.get(derivation) ?? [];
        lines.push(plain(fields[0]));
        if (lines.length > keptLines) lines.shift();
        logs.set(derivation, lines);
      }
    },
  };
}

interface Item {
  action?: unknown;
  id?: unknown;
  type?: unknown;
  level?: unknown;
  msg?: unknown;
  raw_msg?: unknown;
  fields?: unknown[];
}

function parse(line: string): Item | undefined {
  if (!line.startsWith('@nix ')) return undefined;
  try {
    const value: unknown = JSON.parse(line.slice('@nix '.length));
    return typeof value === 'object' && value !== null ? (value as Item) : undefined;
  } catch {
    return undefined;
  }
}

/** Without colours, and with paths of the copied source as the user knows them. */
function plain(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control sequences.
      .replace(/\x1b\[[0-9;]*m/g, '')
      .replace(/«path:\/mvm\/src[^»]*»\//g, '')
  );
}

/** Words by which a build, not the evaluation, went wrong. */
const ofBuild =
  /builder for '([^']+\.drv)' failed|(?:build|dependencies) of '?([^' ]+\.drv)|hash mismatch in fixed-output derivation '([^']+\.drv)'|cannot build '?([^' ]+\.drv)/;

/** The derivation that an error names; undefined for an error of the evaluation. */
export function failedDerivation(errors: readonly NixMessage[]): string | undefined {
  for (const { core } of errors) {
    const match = ofBuild.exec(core);
    if (match !== null) return match.slice(1).find((path) => path !== undefined);
  }
  return undefined;
}

const unreachable =
  /unable to download|Could not resolve host|Couldn't connect|cannot download|unable to access/i;

/** The error for a run of Nix that failed with `status`. `what` is what was asked for. */
export function nixFailure(record: NixRecord, what: string, status: number): MvmError {
  const { errors } = record;
  const last = errors.at(-1);
  const full = diskFull(errors.map(({ text }) => text));
  if (full !== undefined) return full;
  if (last === undefined) {
    return new MvmError('BUILDER_FAILED', `Nix ended with status ${status} and said nothing, for ${what}.`, {
      hint: 'mvmctl builder status',
    });
  }
  const derivation = failedDerivation(errors);
  if (derivation !== undefined) {
    const first = errors.find(({ core }) => core.includes(derivation)) ?? last;
    return new MvmError('BUILD_FAILED', `${sentence(first.core)} (for ${what})`, {
      details: record.logOf(derivation),
      ...hintFor(errors),
    });
  }
  const code = /does not provide attribute/.test(last.core) ? 'OUTPUT_MISSING' : 'EVAL_FAILED';
  return new MvmError(code, `${what}: ${sentence(last.core)}`, {
    details: trace(last),
    ...hintFor(errors),
  });
}

function hintFor(errors: readonly NixMessage[]): { hint?: string } {
  if (!errors.some(({ text }) => unreachable.test(text))) return {};
  return {
    hint: 'mvmctl build --nixpkgs debian   (packages from Debian, where no Nix cache can be reached)',
  };
}

const sentence = (core: string): string => core.trim().split('\n')[0] ?? '';

/** The lines around the heart of an error: where it was, and what led there. */
function trace({ text, core }: NixMessage): string[] {
  const heart = sentence(core);
  return text
    .split('\n')
    .map((line) => line.replace(/^ {7}/, '').replace(/\/nix\/store\/[a-z0-9]{32}-source\//g, ''))
    .filter((line) => line.trim() !== '' && line.trim() !== 'error:' && !line.includes(heart))
    .slice(-20);
}
