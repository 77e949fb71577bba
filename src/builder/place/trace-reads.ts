import type { RunningVm } from '../../vm/state/vm.ts';
import { builderFailed } from '../machine/failure.ts';
import { askJob } from '../machine/job.ts';
import { sourceDir } from '../nix/build.ts';
import { fetchTree } from './fetch-tree.ts';

/** Where the builder notes which path of its store was added last, and that it had not been there before. */
const fresh = '/run/mvm/added';

/**
 * Adds a folder to the store. Then the access times of its files are reset, unless they were there before, as Nix
 * may know then what they hold without a read.
 */
const add = `${fetchTree}rm -f ${fresh}
path=$(fetch_tree "$1") || exit
if [ -n "$(find "$path" -maxdepth 0 -newercc "$1")" ]; then
  find "$path" '(' -type f -o -type l ')' -exec touch -a -h -d @0 '{}' + && echo "$path" >${fresh}
fi
echo "$path"
`;

/**
 * Prints what `parseTrace` takes. Status 3 where the folder was in the store before, or where a derivation has all of it
 * as its input (whose access time is then just as recent): it is unknown what was read.
 */
const trace = `path=$1
[ "$(cat ${fresh} 2>/dev/null)" = "$path" ] || exit 3
young=(find /nix/store -mindepth 1 -maxdepth 1 -name '*.drv' -newercc ${sourceDir})
[ -z "$("\${young[@]}" -exec grep -lF "$path" '{}' +)" ] || exit 3
exec find "$path" '(' -type f -o -type l ')' -printf '%A@ %s %P\\0'
`;

/** Adds a folder of the builder to its store as a flake's source; its path there. Throws BUILDER_FAILED. */
export async function addToStore(vm: RunningVm, folder: string, signal: AbortSignal): Promise<string> {
  const { status, output, said } = await askJob(vm, ['bash', '-c', add, 'bash', folder], signal);
  if (status !== 0) throw builderFailed('The source could not be added to the store', status, said);
  return output.trim();
}

/**
 * The paths of the files that were read since `addToStore`, relative to the folder, as the store's file system knows them
 * (it is mounted so that each read counts); undefined where that can't be told.
 */
export async function traceReads(
  vm: RunningVm,
  path: string,
  signal: AbortSignal,
): Promise<ReadonlySet<string> | undefined> {
  const { status, output } = await askJob(vm, ['bash', '-c', trace, 'bash', path], signal);
  return status === 0 ? parseTrace(output) : undefined;
}

/**
 * @param text for each file its time of last access, in seconds with a fraction, its size in bytes, and its path, ended by
 * NUL
 */
export function parseTrace(text: string): ReadonlySet<string> {
  const read = new Set<string>();
  for (const [, accessed, size, path = ''] of text.matchAll(/([\d.]+) (\d+) ([^\0]*)\0/g)) {
    // Nothing has to be read of an empty file.
    if (Number(accessed) !== 0 || size === '0') read.add(path);
  }
  return read;
}
