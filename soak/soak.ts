import type { SoakHome } from './home.ts';
import type { Random } from './random.ts';

/** Something that is done many times, each time at another moment. */
export interface Soak {
  /** Rounds of a whole run. */
  count: number;
  open(home: SoakHome): Promise<Rounds>;
}

export interface Rounds {
  /**
   * Runs one round, and returns a description of its random choices. Throws if something is wrong.
   * @param name differs from every other round's
   */
  round(random: Random, name: string): Promise<string>;
  /** Keeps the evidence of a failure, besides mvmctl's own output. */
  evidence(folder: string): void;
}
