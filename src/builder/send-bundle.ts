import { tarFiles } from '../project/tar-files.ts';
import type { RunningVm } from '../vm/vm.ts';
import { runJob } from './job.ts';
import type { Bundle } from './library.ts';
import { sendTree } from './tree.ts';

type Builder = RunningVm;

/**
 * Leaves the mark of a bundle that is there whole; another's goes before its files do, which may be left half done.
 * Status 0: it is there.
 */
const look = 'test "$(cat "$1" 2>&1)" = "$2" || { rm -f "$1"; exit 1; }';

/** Puts a bundle into the builder unless it is there already. Throws as `sendTree` does. */
export async function sendBundle(vm: Builder, bundle: Bundle, signal: AbortSignal): Promise<void> {
  const { dir, digest, files } = bundle;
  const marker = `${dir}.digest`;
  const there = await runJob(vm, ['sh', '-c', look, 'sh', marker, digest], { signal });
  if (there === 0) return;
  await sendTree(vm, tarFiles(files), dir, { signal });
  await runJob(vm, ['sh', '-c', 'printf %s "$2" >"$1"', 'sh', marker, digest], { signal });
}
