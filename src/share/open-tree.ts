import type { Share } from './share.ts';
import { HostTree } from './tree/host-tree.ts';
import type { Tree } from './tree/tree.ts';

/** The files of a share as its guest is to see them. Throws the system's errors where its folder is gone. */
export function openTree({ host }: Share): Tree {
  return new HostTree(host);
}
