import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { percentile } from './measure.ts';

/** How one boot went, or one resume, which may have ended in a boot. A kernel that the emulator broke was started again by `dev up`; its time is not counted. */
export interface Boot {
  n: number;
  outcome: 'ready' | 'failed' | 'hung' | 'broken-by-emulator' | 'booted-instead';
  /** Of the whole `dev up -d`. */
  ms: number;
}

export interface Boots {
  all: Boot[];
  add(boot: Boot): void;
  /** The last one, and how many there are. */
  line(wanted: number): string;
  summary(): string;
  /** None failed or hung, and each that was to be resumed was. */
  held(): boolean;
}

/** The boots recorded in a folder. One that was being written when its writer died is repeated. */
export function openBoots(dir: string): Boots {
  mkdirSync(dir, { recursive: true });
  const file = join(dir, 'boots.jsonl');
  const all = existsSync(file) ? readFileSync(file, 'utf8').split('\n').flatMap(parse) : [];
  const count = (outcome: Boot['outcome']) => all.filter((boot) => boot.outcome === outcome).length;
  return {
    all,
    add(boot) {
      all.push(boot);
      // The newline first: half a line of a writer that died stays a line of its own.
      appendFileSync(file, `\n${JSON.stringify(boot)}`);
    },
    line(wanted) {
      const { n, outcome, ms } = all.at(-1) as Boot;
      return `${all.length}/${wanted}  boot ${n}: ${outcome}, ${(ms / 1000).toFixed(2)} s`;
    },
    summary() {
      const times = all.filter((boot) => boot.outcome === 'ready').map((boot) => boot.ms);
      const at = (share: number) => `${(percentile(times, share) / 1000).toFixed(2)} s`;
      return [
        `${all.length} boots: ${count('failed')} failed, ${count('hung')} hung, ${count('broken-by-emulator')} broken by the emulator, ${count('booted-instead')} booted instead of resumed`,
        `min ${at(0)}, median ${at(0.5)}, p95 ${at(0.95)}, max ${at(1)}`,
      ].join('; ');
    },
    held: () => count('failed') + count('hung') + count('booted-instead') === 0,
  };
}

function parse(line: string): Boot[] {
  try {
    return [JSON.parse(line) as Boot];
  } catch {
    return [];
  }
}
