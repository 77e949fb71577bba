import { lstat, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { accessReason } from '../errors/file-error.ts';
import { MvmError } from '../errors/mvm-error.ts';
import { isNoRoom, type Lock, tryOrGoOn } from '../state/lock.ts';
import { uniqueSuffix } from '../state/write.ts';
import type { Unneeded } from './unneeded.ts';

/** What could not be removed, and why. */
export interface Failure {
  item: Unneeded;
  reason: unknown;
}

/**
 * Removes the items one after the other; one that can't be removed does not keep the others. Nothing of it needs space
 * on the disk. A kill in the middle leaves what the next call finds again.
 * @throws the signal's reason
 */
export async function removeUnneeded(
  items: readonly Unneeded[],
  signal: AbortSignal,
): Promise<{ removed: Unneeded[]; failures: Failure[] }> {
  const removed: Unneeded[] = [];
  const failures: Failure[] = [];
  for (const item of items) {
    signal.throwIfAborted();
    try {
      if (await removeOne(item)) removed.push(item);
    } catch (reason) {
      failures.push({ item, reason });
    }
  }
  return { removed, failures };
}

/** False if a process has started to work on it. */
async function removeOne(item: Unneeded): Promise<boolean> {
  const { path, lock: lockPath, remove = () => removeTree(path) } = item;
  let lock: Lock | undefined;
  // A lock that is removed with what it protects no longer protects anything.
  if (lockPath !== undefined && !lockPath.startsWith(`${path}/`)) {
    lock = await tryOrGoOn(lockPath, () => {});
    if (lock === undefined) return false;
  }
  try {
    await remove();
    return true;
  } finally {
    await lock?.release();
  }
}

/** A folder gets another name first, so that no process finds half of it; a full disk may not allow that. */
async function removeTree(path: string): Promise<void> {
  const isFolder = await lstat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  const hasName = !isFolder || /\.(tmp|removed)$/.test(path);
  const aside = `${path}.${uniqueSuffix()}.tmp`;
  const moved =
    !hasName &&
    (await rename(path, aside).then(
      () => true,
      () => false,
    ));
  await rm(moved ? aside : path, { recursive: true, force: true });
}

/** All that could not be removed as one error. */
export function removalError(failures: readonly Failure[]): MvmError | undefined {
  const [first] = failures;
  if (first === undefined) return undefined;
  const { item, reason } = first;
  const more = failures.length === 1 ? '' : `, and ${failures.length - 1} more`;
  const cause = reason instanceof MvmError ? reason.cause : reason;
  return new MvmError('STATE_WRITE', `Can't remove ${item.path}${more}: ${accessReason(cause)}.`, {
    cause: reason,
    hint: isNoRoom(reason) ? `df -h ${dirname(item.path)}` : `ls -ld ${dirname(item.path)}`,
  });
}
