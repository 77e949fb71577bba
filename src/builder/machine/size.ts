import { availableParallelism, totalmem } from 'node:os';

/** Apparent size of the store's disk, in bytes; it occupies what is in it. */
export const storeBytes = 64 * 2 ** 30;

/** Seconds without a job after which the builder powers itself off. */
export const idleSeconds = 600;

export interface BuilderSize {
  vcpus: number;
  memoryMib: number;
}

/**
 * The builder's size on this host: up to 4 vCPUs; half of the memory, at least 1 GiB (an evaluation of a large
 * package set needs most of that) and at most 3 GiB.
 */
export function builderSize(cpus = availableParallelism(), hostBytes = totalmem()): BuilderSize {
  const half = Math.floor(hostBytes / 2 ** 21);
  return { vcpus: Math.max(1, Math.min(4, cpus)), memoryMib: Math.max(1024, Math.min(3072, half)) };
}
