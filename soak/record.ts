import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** How a round ended. */
export interface Round {
  round: number;
  /** What chance chose. */
  what: string;
  ms: number;
  /** What was wrong; absent where nothing was. */
  failure?: string;
}

/** All rounds so far, in a file, so that a soak that was stopped continues where it was. */
export interface SoakRecord {
  readonly seed: string;
  readonly rounds: readonly Round[];
  add(round: Round): void;
}

/** @param seed where the file has none yet */
export function openRecord(path: string, seed: string): SoakRecord {
  const content = read(path) ?? { seed, rounds: [] };
  return {
    ...content,
    add(round) {
      content.rounds.push(round);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(`${path}.new`, `${JSON.stringify(content, null, 1)}\n`);
      renameSync(`${path}.new`, path);
    },
  };
}

function read(path: string): { seed: string; rounds: Round[] } | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { seed: string; rounds: Round[] };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
