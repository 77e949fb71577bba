import { createHash } from 'node:crypto';

/** What chance decides in one round; the same for the same seed and round. */
export interface Random {
  /** At least 0, less than 1. */
  next(): number;
  /** True once in so many times. */
  oneIn(times: number): boolean;
  pick<T>(choices: readonly [T, ...T[]]): T;
}

export function randomOf(seed: string, round: number): Random {
  let drawn = 0;
  const next = () => {
    const bytes = createHash('sha256').update(`${seed} ${round} ${drawn++}`).digest();
    return bytes.readUInt32LE(0) / 2 ** 32;
  };
  return {
    next,
    oneIn: (times) => next() * times < 1,
    pick: (choices) => choices[Math.floor(next() * choices.length)] ?? choices[0],
  };
}
