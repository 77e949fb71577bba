import type { BuildFigures, Phase } from '../../events/events.ts';
import { storeName } from '../store-name.ts';
import { createBuildLogs } from './build-logs.ts';
import { type NixActivity, type NixEvent, type NixMessage, parseNixLine } from './log.ts';

/** What a run of Nix is doing. */
export interface NixState {
  /** What is evaluated, while nothing is built or fetched. */
  evaluating: string | undefined;
  /** Bytes downloaded, and the expected total as far as it is known. */
  fetched: number;
  toFetch: number;
  /** What is downloaded or copied now, by name. */
  fetching: readonly string[];
  /** What is built now, with the phase where the build says it. */
  building: readonly { name: string; phase: string | undefined }[];
  built: number;
  toBuild: number;
  failed: number;
  copied: number;
  toCopy: number;
}

export interface NixProgress {
  /** Takes a line of the log, without its end. */
  take(line: string): void;
  state(): NixState;
  /** What was built by this run, in the order in which it was done. */
  readonly finished: readonly string[];
  /** The messages of level 0, oldest first; at most the first 10 and the last 90. */
  readonly errors: readonly NixMessage[];
  readonly warnings: readonly NixMessage[];
  /** The last lines that a derivation's builder wrote. */
  logOf(derivation: string): readonly string[];
}

export interface NixListener extends Pick<Phase, 'progress' | 'status'> {
  /** The same in figures. */
  figures?: (figures: BuildFigures) => void;
  /** The whole log, as a person reads it; no end of line. */
  logLine?: (line: string) => void;
}

interface Running {
  activity: NixActivity;
  text: string;
  /** Store path or address. */
  subject: string;
  done: number;
  expected: number;
  phase: string | undefined;
}

/** More activities at once than any Nix has; a hostile log can't make us hold more. */
const mostActivities = 10_000;
const mostNames = 100_000;

/**
 * Follows a run of Nix by its log and shows it as one phase: what is evaluated, fetched (bytes), built (names,
 * done and in all) and copied. Holds bounded memory, whatever the log says.
 */
export function createNixProgress(phase: NixListener): NixProgress {
  const running = new Map<number, Running>();
  const errors: NixMessage[] = [];
  const warnings: NixMessage[] = [];
  const finished: string[] = [];
  const logs = createBuildLogs();
  let fetchedBefore = 0;
  let expectedFetch = 0;
  /** Nix counts them; what it counted stays when it is over. */
  let counts = { built: 0, toBuild: 0, failed: 0, copied: 0, toCopy: 0 };
  let shown = '';
  let numbers = '';

  const of = (activity: NixActivity) => [...running.values()].filter((item) => item.activity === activity);
  const sum = (items: readonly Running[], key: 'done' | 'expected') =>
    items.reduce((total, item) => total + item[key], 0);

  const state = (): NixState => {
    const downloads = of('download');
    const fetched = fetchedBefore + sum(downloads, 'done');
    return {
      evaluating: of('other').find((item) => item.text.startsWith('evaluating '))?.text,
      fetched,
      toFetch: Math.max(expectedFetch, fetchedBefore + sum(downloads, 'expected'), fetched),
      fetching: [...of('copy-path'), ...downloads].map((item) => subjectName(item.subject)),
      building: of('build').map((item) => ({ name: storeName(item.subject), phase: item.phase })),
      ...counts,
    };
  };

  const write = (event: NixEvent): void => {
    const line = logText(event, (id) => running.get(id)?.subject);
    if (line !== undefined) phase.logLine?.(line);
  };

  const apply = (event: NixEvent): boolean => {
    switch (event.kind) {
      case 'message': {
        if (event.level > 1) return false;
        const list = event.level === 0 ? errors : warnings;
        list.push(event);
        if (list.length > 100) list.splice(10, 1);
        return false;
      }
      case 'start': {
        if (running.size >= mostActivities) return false;
        const { id, activity, text, fields } = event;
        const subject = String(fields[0] ?? '');
        running.set(id, { activity, text, subject, done: 0, expected: 0, phase: undefined });
        return true;
      }
      case 'stop': {
        const item = running.get(event.id);
        if (item === undefined) return false;
        running.delete(event.id);
        if (item.activity === 'download') fetchedBefore += item.done;
        if (item.activity === 'build' && finished.length < mostNames) finished.push(item.subject);
        return true;
      }
      case 'progress': {
        const item = running.get(event.id);
        if (item === undefined) return false;
        item.done = event.done;
        item.expected = event.expected;
        if (item.activity === 'builds') {
          counts = { ...counts, built: event.done, toBuild: event.expected, failed: event.failed };
        } else if (item.activity === 'copy-paths') {
          counts = { ...counts, copied: event.done, toCopy: event.expected };
        }
        return true;
      }
      case 'expected':
        if (event.activity === 'download') expectedFetch = event.expected;
        return true;
      case 'phase': {
        const item = running.get(event.id);
        if (item !== undefined) item.phase = event.phase;
        return true;
      }
      case 'log': {
        const item = running.get(event.id);
        if (item?.activity === 'build') logs.add(item.subject, event.line);
        return false;
      }
    }
  };

  return {
    take(line) {
      const event = parseNixLine(line);
      if (event === undefined) return;
      if (phase.logLine !== undefined) write(event);
      if (!apply(event)) return;
      const now = state();
      phase.figures?.(figuresOf(now));
      const text = describe(now);
      if (text !== '' && text !== shown) phase.status(text);
      if (text !== '') shown = text;
      const count: readonly [number, number, 'items' | 'bytes'] | undefined =
        now.building.length > 0 && now.toBuild > 1
          ? [now.built, now.toBuild, 'items']
          : now.toFetch > 0 && now.fetched < now.toFetch
            ? [now.fetched, now.toFetch, 'bytes']
            : undefined;
      if (count === undefined || count.join() === numbers) return;
      numbers = count.join();
      phase.progress(...count);
    },
    state,
    finished,
    errors,
    warnings,
    logOf: (derivation) => logs.of(derivation),
  };
}

function figuresOf({ evaluating, building, failed: _, ...figures }: NixState): BuildFigures {
  return {
    ...figures,
    evaluating: evaluating !== undefined && building.length === 0,
    building: building.map(({ name }) => name),
  };
}

/** What an event adds to the log that a person reads; `subjectOf` an activity by its id. */
function logText(event: NixEvent, subjectOf: (id: number) => string | undefined): string | undefined {
  if (event.kind === 'log') return `${storeName(subjectOf(event.id) ?? '')}> ${event.line}`;
  if (event.kind === 'message') return event.level <= 3 ? event.text : undefined;
  if (event.kind !== 'start') return undefined;
  const told = ['build', 'download', 'copy-path', 'fetch-tree'].includes(event.activity);
  return told && event.text !== '' ? event.text : undefined;
}

/** One line for a person; empty where there is nothing to say. */
export function describe(state: NixState): string {
  const { building, fetching, evaluating } = state;
  const [first] = building;
  if (first !== undefined) {
    const phase = first.phase === undefined ? '' : ` (${first.phase})`;
    const more = building.length > 1 ? ` and ${building.length - 1} more` : '';
    return `building ${first.name}${phase}${more}`;
  }
  if (fetching.length > 0) {
    const more = fetching.length > 1 ? ` and ${fetching.length - 1} more` : '';
    return `fetching ${fetching[0]}${more}`;
  }
  return evaluating === undefined ? '' : 'evaluating';
}

/** A store path's name, or the last part of an address. */
function subjectName(subject: string): string {
  if (subject.startsWith('/nix/store/')) return storeName(subject);
  const path = subject.replace(/[?#].*$/, '').replace(/\/+$/, '');
  return path.slice(path.lastIndexOf('/') + 1) || subject;
}
