/**
 * What happens while a command works. The core emits these; `cli/` renders them (terminal, plain lines,
 * JSON lines). Phases do not nest: one phase is one line that a person reads.
 */
export type MvmEvent =
  | { type: 'start'; phase: string; label: string }
  | { type: 'progress'; phase: string; current: number; total?: number; unit: 'bytes' | 'items' }
  /** A word on what a running phase does or waits for. */
  | { type: 'status'; phase: string; text: string }
  /** A build by Nix in figures; for programs that read the events. */
  | ({ type: 'build'; phase: string } & BuildFigures)
  | { type: 'done'; phase: string; ms: number; summary?: string }
  | { type: 'failed'; phase: string }
  /** A line for the user that belongs to no phase. */
  | { type: 'note'; level: 'info' | 'warn'; text: string }
  /** For the debug log only. */
  | { type: 'debug'; text: string };

export interface BuildFigures {
  /** Nothing is built yet: Nix reads the flake. */
  evaluating: boolean;
  /** Names of what is built now. */
  building: readonly string[];
  /** Derivations, done and in all as far as is known. */
  built: number;
  toBuild: number;
  /** What is fetched now, by name, and bytes. */
  fetching: readonly string[];
  fetched: number;
  toFetch: number;
  /** Paths from caches. */
  copied: number;
  toCopy: number;
}

export type Emit = (event: MvmEvent) => void;

export interface Phase {
  /** Bytes or items so far, and in all where known. */
  progress(current: number, total?: number, unit?: 'bytes' | 'items'): void;
  status(text: string): void;
}

/** Runs `work` as one phase; emits `failed` and rethrows when it throws. The result may name a summary. */
export async function phase<T>(
  emit: Emit,
  name: string,
  label: string,
  work: (phase: Phase) => Promise<T>,
  summary?: (result: T) => string | undefined,
): Promise<T> {
  const started = performance.now();
  emit({ type: 'start', phase: name, label });
  try {
    const result = await work({
      progress: (current, total, unit = 'bytes') =>
        emit({ type: 'progress', phase: name, current, unit, ...(total === undefined ? {} : { total }) }),
      status: (text) => emit({ type: 'status', phase: name, text }),
    });
    const text = summary?.(result);
    emit({
      type: 'done',
      phase: name,
      ms: performance.now() - started,
      ...(text === undefined ? {} : { summary: text }),
    });
    return result;
  } catch (error) {
    emit({ type: 'failed', phase: name });
    throw error;
  }
}

/** An emitter for callers that want silence. */
export const silent: Emit = () => {};
