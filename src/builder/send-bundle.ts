import { tarFiles } from '../project/tar-files.ts';
import type { RunningVm } from '../vm/vm.ts';
import { runJob } from './job.ts';
import type { Bundle } from './library.ts';
import { sendTree } from './tree.ts';

type Builder = RunningVm;

/** Puts a bundle into the builder unless it is there already. Throws as `sendTree` does. */
export async function sendBundle(vm: Builder, bundle: Bundle, signal: AbortSignal): Promise<void> {
  const { dir, digest, files } = bundle;
  const marker = `${dir}.digest`;
  const there = await runJob(vm, ['sh', '-c', 'test "$(cat "$1" 2>&1)" = "$2"', 'sh', marker, digest], {
    signal,
  });
  if (there === 0) return;
  await sendTree(vm, tarFiles(files), dir, { signal });
  await runJob(vm, ['sh', '-c', 'printf %s "$2" >"$1"', 'sh', marker, digest], { signal });
}
