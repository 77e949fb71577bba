import { rulesOf } from '../rules-of.ts';
import type { Names } from '../tree/tree.ts';
import { type Done, shownChange } from './changes/shown-change.ts';
import type { OpenOverlay } from './open-overlay.ts';

export interface ChangeOptions {
  action: 'apply' | 'discard';
  /** Undefined: all. */
  paths: readonly Names[] | undefined;
  includeProtected: boolean;
}

/** Applies or discards changes, and tells which. Throws as these do. */
export function changeOpen(
  overlay: Pick<OpenOverlay, 'apply' | 'discard' | 'share'>,
  { action, paths, includeProtected }: ChangeOptions,
): Done {
  if (action === 'discard') return { done: overlay.discard(paths).map(shownChange), kept: [] };
  const { isProtected } = rulesOf(overlay.share);
  const { applied, kept } = overlay.apply({ paths, includeProtected, isProtected });
  return { done: applied.map(shownChange), kept: kept.map(shownChange) };
}
