import { lstat } from 'node:fs/promises';

/** The paths by when each was last written to, or marked as used; those that are gone, last. */
export async function newestFirst(paths: readonly string[]): Promise<string[]> {
  const dated = await Promise.all(
    paths.map(async (path) => ({
      path,
      at: await lstat(path).then(
        (stats) => stats.mtimeMs,
        () => 0,
      ),
    })),
  );
  return dated.sort((a, b) => b.at - a.at).map(({ path }) => path);
}
