import { GuardedTree } from './guard/guarded-tree.ts';
import { HiddenTree } from './guard/hidden-tree.ts';
import { hostGitConfigs } from './guard/host-config.ts';
import { rulesOf } from './rules-of.ts';
import type { Share } from './share.ts';
import { HostTree } from './tree/host-tree.ts';
import type { Names, Tree } from './tree/tree.ts';

/**
 * The files of a share as its guest is to see them. Throws the system's errors where its folder is gone, CONFIG_INVALID.
 * @param overlay what the guest writes to, instead of the folder itself
 * @param onRefused told once of each name that the guest was not allowed to change
 */
export function openTree(share: Share, overlay: Tree | undefined, onRefused: (path: Names) => void): Tree {
  const rules = rulesOf(share);
  const tree = overlay ?? new HostTree(share.host);
  // What is kept apart is looked through before it is taken: then protected names count.
  if (share.mode !== 'live') return new HiddenTree(tree, rules);
  const guestRoot = share.guest;
  return new GuardedTree(tree, {
    rules,
    root: share.host,
    guestRoot,
    hostConfigs: hostGitConfigs(),
    onRefused,
  });
}
