import { loadReadList } from '../../project/read-list.ts';
import type { Source } from '../../project/source-entry.ts';
import type { BuiltSource } from '../../vm/up/request.ts';
import { describeSource } from './built-source.ts';
import { exactPrint, knownImage } from './known-image.ts';
import { asksNix, type PrepareOptions, prepareBuild } from './prepare.ts';

/**
 * How a project's files differ from those that an image was built from: names of files written since, or
 * a description if files are only missing. Empty if nothing differs, if the image is known to be the same anyway, and
 * for a flake that is not on this host.
 * @param image the folder of the image that runs
 */
export async function sourceChanges(
  options: PrepareOptions,
  since: BuiltSource,
  image: string,
): Promise<string[]> {
  const { target, source, build, known, readAt } = await prepareBuild(options);
  if (source === undefined) return [];
  const now = await describeSource(source, readAt, options);
  if (now.digest === since.digest) return [];
  const same = asksNix(target, options)
    ? undefined
    : await knownImage(build, await exactPrint(build, known), known);
  if (same?.dir === image) return [];
  const names = changedNames(source, since);
  // Where it is known what a build reads, the others are not why the image is another.
  const read = await loadReadList(source, build.inputs, known.cacheDir);
  const ofImage = names.filter((name) => read?.has(name));
  return ofImage.length > 0 ? ofImage : names;
}

/** Names of the files written since, the flake first; else the folder. */
export function changedNames({ root, entries }: Source, { readAt }: BuiltSource): string[] {
  const readNs = BigInt(Date.parse(readAt)) * 1_000_000n;
  const written = entries.filter(({ ctime }) => BigInt(ctime) > readNs).map(({ path }) => path);
  const flake = written.filter((path) => path.endsWith('flake.nix'));
  const all = [...new Set([...flake, ...written])];
  return all.length > 0 ? all : [`the files of ${root}`];
}
