import { utimes } from 'node:fs/promises';

/**
 * Notes, as the folder's modification time, that a command is about to use it: what was used within the last hour is
 * not cleared away. A cache that can't be written to can still be read.
 */
export async function markUsed(dir: string): Promise<void> {
  const now = new Date();
  await utimes(dir, now, now).catch(() => {});
}

/** Milliseconds for which files that seem unused are left alone: a process may be working on them, or about to. */
export const unusedMs = 3_600_000;
