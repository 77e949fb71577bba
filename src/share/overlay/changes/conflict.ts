import type { HostTree } from '../../tree/host-tree.ts';
import { isAsBefore, keyBelow, kindOf, lookAt, namesOf } from '../lower.ts';
import type { Base, Model } from '../upper/model.ts';

/** What the host did meanwhile with a file that the guest changed. */
export type Conflict = 'changed' | 'removed' | 'created' | 'replaced';

/** Of a file that is about to be replaced or removed. */
export function conflictAt(lower: HostTree, key: string, base: Base): Conflict | undefined {
  const found = lookAt(lower, key);
  if (found === undefined) return 'removed';
  if (kindOf(found.mode) !== kindOf(base.mode)) return 'replaced';
  return isAsBefore(lower, key, base) ? undefined : 'changed';
}

/** What is in a folder of the host of which the guest knew nothing when it removed it; undefined where nothing is. */
export function unknownIn(lower: HostTree, model: Model, key: string): string | undefined {
  if (kindOf(lookAt(lower, key)?.mode ?? 0) !== 'folder') return undefined;
  const found = lower.list(namesOf(key)).find(({ name }) => !model.claims.has(keyBelow(key, name)));
  return found && keyBelow(key, found.name);
}
