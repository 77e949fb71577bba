/** Milliseconds: the coarsest time stamps in use (FAT) have two seconds. */
const granularity = 2000;

/**
 * Whether a file's change time is old enough at `lookedAt` (ms since 1970) that any later write gives it
 * another one. A file that was written just before it was read may be written again within the same tick
 * and look unchanged for ever ("racily clean", as git's documentation calls it): what is known of such a
 * file is not to be remembered.
 */
export function isSettled(ctimeNs: bigint | string | undefined, lookedAt: number): boolean {
  return ctimeNs !== undefined && Number(BigInt(ctimeNs) / 1_000_000n) < lookedAt - granularity;
}
