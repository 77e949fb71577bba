import { join } from 'node:path';
import * as v from 'valibot';
import { acquireLock, tryLock } from '../../state/lock.ts';
import { makeDir } from '../../state/make-dir.ts';
import { recordFile } from '../../state/record.ts';
import { ruleTexts } from '../share.ts';
import { HostTree } from '../tree/host-tree.ts';
import type { Names, Tree } from '../tree/tree.ts';
import { type Applied, type ApplyOptions, apply } from './apply/apply.ts';
import { recover } from './apply/recover.ts';
import { type Difference, type Differences, differences } from './changes/differences.ts';
import { discard } from './discard.ts';
import { OverlayTree } from './overlay-tree.ts';
import { Upper } from './upper/upper.ts';

/** Of which folder of the host the changes are, and where the guest has it. */
const shareSchema = v.object({ host: v.string(), guest: v.string(), ...ruleTexts });
export type OverlayShare = v.InferOutput<typeof shareSchema>;

export const overlayShares = recordFile({ what: 'record of a share', version: 1, schema: shareSchema });

/** The folders of a VM's overlays, in its folder of them: one for each place in the guest. */
export const overlayName = (guest: string): string => Buffer.from(guest).toString('base64url').slice(0, 200);

export const shareRecord = (folder: string): string => join(folder, 'share.json');
const lockOf = (folder: string): string => join(folder, 'lock');

/** A folder of the host with what a guest changes of it. Only one process has it at a time. */
export interface OpenOverlay {
  /** What the guest sees. Its end does not end the overlay. */
  tree(): Tree & { sync(): void };
  differences(): Differences;
  /** Throws CHANGES_CONFLICT, CHANGES_PROTECTED, STATE_WRITE; the system's errors. Then nothing is applied. */
  apply(options: ApplyOptions): Applied;
  /** @param paths undefined: all */
  discard(paths: readonly Names[] | undefined): readonly Difference[];
  readonly share: OverlayShare;
  readonly lower: HostTree;
  readonly upper: Upper;
  close(): Promise<void>;
}

/**
 * Opens an overlay, where a process was killed in the middle of applying changes with these taken back.
 * @param folder of the VM's, for this overlay alone; made where it is not there
 * @param lock `wait` for whoever has it, or leave it: then undefined
 * @throws MvmError VM_BUSY, VM_BROKEN, STATE_WRITE; the system's errors, where the host's folder is gone
 */
export async function openOverlay(folder: string, share: OverlayShare, lock: 'wait'): Promise<OpenOverlay>;
export async function openOverlay(
  folder: string,
  share: OverlayShare,
  lock: 'try',
): Promise<OpenOverlay | undefined>;
export async function openOverlay(
  folder: string,
  share: OverlayShare,
  lock: 'wait' | 'try',
): Promise<OpenOverlay | undefined> {
  makeDir(folder, 0o700);
  const held =
    lock === 'wait'
      ? await acquireLock(lockOf(folder), { what: `the changes in ${share.guest}` })
      : await tryLock(lockOf(folder));
  if (held === undefined) return undefined;
  let lower: HostTree | undefined;
  let upper: Upper | undefined;
  const close = async (): Promise<void> => {
    upper?.close();
    lower?.close();
    await held.release();
  };
  try {
    await overlayShares.write(shareRecord(folder), share);
    lower = new HostTree(share.host);
    upper = new Upper(folder);
    const overlay = { root: share.host, lower, upper };
    recover(overlay);
    return {
      share,
      tree: () => new OverlayTree(overlay.lower, overlay.upper, { isShared: true }),
      differences: () => differences(overlay.lower, overlay.upper),
      apply: (options) => apply(overlay, options),
      discard: (paths) => discard(overlay, paths),
      lower,
      upper,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Looks at an overlay that another process has. Throws VM_BROKEN; the system's errors. */
export function viewOverlay(
  folder: string,
  share: OverlayShare,
): Pick<OpenOverlay, 'differences' | 'lower' | 'upper' | 'close'> {
  const lower = new HostTree(share.host);
  const upper = new Upper(folder, true);
  return {
    differences: () => differences(lower, upper),
    lower,
    upper,
    async close() {
      upper.close();
      lower.close();
    },
  };
}
