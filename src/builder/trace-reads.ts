import type { Source } from '../project/source-entry.ts';
import type { RunningVm } from '../vm/vm.ts';
import { runJob } from './job.ts';
import { sourceDir } from './nix-build.ts';

/**
 * Prints what `parseTrace` takes, of the copy of the flake that Nix made in its store for the build that has just been:
 * the one that is younger than the source that was sent. Status 3 where that can't be told, or where a derivation has the
 * whole copy as its input: then nobody knows what was read.
 */
const script = `cd -- "$1" || exit
found=
while IFS= read -r -d '' path; do
  [ -f "$path/flake.nix" ] && [ "$(<"$path/flake.nix")" = "$(<flake.nix)" ] || continue
  [ -z "$found" ] || exit 3
  found=$path
done < <(find /nix/store -mindepth 1 -maxdepth 1 -name '*-source' -newercc ${sourceDir} -print0)
[ -n "$found" ] || exit 3
users=$(nix-store --query --referrers "$found") || exit
[ "$users" = "" ] || [ "$users" = "$found" ] || exit 3
exec find "$found" '(' -type f -o -type l ')' -printf '%A@ %C@ %s %P\\0'
`;

/**
 * The paths of a source's files that Nix read for the build that has just been, as the store's file system knows them (it
 * is mounted so that each read counts); undefined where that can't be told.
 */
export async function traceReads(
  vm: RunningVm,
  source: Source,
  signal: AbortSignal,
): Promise<ReadonlySet<string> | undefined> {
  const output: Buffer[] = [];
  const folder = source.subfolder === '' ? sourceDir : `${sourceDir}/${source.subfolder}`;
  const status = await runJob(vm, ['bash', '-c', script, 'bash', folder], {
    onStdout: (chunk) => output.push(chunk),
    signal,
  });
  if (status !== 0) return undefined;
  const prefix = source.subfolder === '' ? '' : `${source.subfolder}/`;
  return parseTrace(Buffer.concat(output).toString('utf8'), prefix);
}

/**
 * @param text for each file its times of last access and change, in seconds with a fraction, its size in bytes, and its
 * path, ended by NUL
 */
export function parseTrace(text: string, prefix: string): ReadonlySet<string> {
  const files = [...text.matchAll(/(\d+)\.(\d+) (\d+)\.(\d+) (\d+) ([^\0]*)\0/g)].map(
    ([, seconds = '', part = '', changedSeconds = '', changedPart = '', size, path]) => ({
      accessed: nanoseconds(seconds, part),
      changed: nanoseconds(changedSeconds, changedPart),
      isEmpty: size === '0',
      path: `${prefix}${path}`,
    }),
  );
  // The copy was whole when the last of its files was: what was accessed since was read.
  const whole = files.reduce((latest, { changed }) => (changed > latest ? changed : latest), 0n);
  // Nothing has to be read of an empty file.
  const read = files.filter(({ accessed, isEmpty }) => isEmpty || accessed >= whole);
  return new Set(read.map(({ path }) => path));
}

function nanoseconds(seconds: string, part: string): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(part.slice(0, 9).padEnd(9, '0'));
}
