import { tarFiles } from '../../project/tar-files.ts';
import type { RunningVm } from '../../vm/state/vm.ts';
import type { Bundle } from '../library/library.ts';
import { builderFailed } from '../machine/failure.ts';
import { askJob } from '../machine/job.ts';
import { fetchTree } from './fetch-tree.ts';
import { sendTree } from './tree.ts';

/** Links to what was sent, `INPUT-DIGEST`; what they lead to stays in the store. */
const roots = '/nix/var/nix/gcroots/mvm';

const look = `path=$(readlink "$1") && [ -e "$path" ] && echo "$path"`;

/** The link is made last, so a bundle that arrived only in part is sent again. */
const add = `${fetchTree}path=$(fetch_tree "$1") || exit
rm -f "$2"-*
mkdir -p ${roots} && ln -s "$path" "$2-$3" && rm -rf "$1" && echo "$path"
`;

/**
 * Puts a bundle into the builder's store unless it is there already; its path there. Of each input, the one that was sent
 * last is kept. Throws as `sendTree` does.
 */
export async function sendBundle(vm: RunningVm, bundle: Bundle, signal: AbortSignal): Promise<string> {
  const { input, digest, files } = bundle;
  const link = `${roots}/${input}`;
  const there = await askJob(vm, ['bash', '-c', look, 'bash', `${link}-${digest}`], signal);
  if (there.status === 0) return there.output.trim();
  const folder = `/mvm/${input}`;
  await sendTree(vm, tarFiles(files), folder, { signal });
  const added = await askJob(vm, ['bash', '-c', add, 'bash', folder, link, digest], signal);
  if (added.status === 0) return added.output.trim();
  throw builderFailed(`mvm's own files could not be added to the store`, added.status, added.said);
}
