/** Lines of a build's log that are kept, and derivations they are kept of. */
const keptLines = 40;
const keptBuilds = 200;

export interface BuildLogs {
  add(derivation: string, line: string): void;
  /** Oldest first. */
  of(derivation: string): readonly string[];
}

/** The ends of build logs; of the builds that wrote last. */
export function createBuildLogs(): BuildLogs {
  const logs = new Map<string, string[]>();
  return {
    add(derivation, line) {
      const lines = logs.get(derivation) ?? [];
      lines.push(line);
      if (lines.length > keptLines) lines.shift();
      // A map keeps the order of insertion: the first is the one that has been silent the longest.
      logs.delete(derivation);
      logs.set(derivation, lines);
      if (logs.size > keptBuilds) logs.delete(logs.keys().next().value ?? '');
    },
    of: (derivation) => logs.get(derivation) ?? [],
  };
}
