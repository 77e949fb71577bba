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
   * One round; what chance chose, in words. Throws where something is wrong.
   * @param name differs from every other round's
   */
  round(random: Random, name: string): Promise<string>;
  /** Keeps what tells of a failure beside what mvmctl said. */
  evidence(folder: string): void;
}
