import { lstat } from 'node:fs/promises';
import { join } from 'node:path';

/** One line for each file, which shows that it has not been written to, moved or replaced since. */
export async function lookOf(dir: string, names: readonly string[]): Promise<string> {
  const rows = await Promise.all(
    [...names].sort().map(async (name) => {
      const found = await lstat(join(dir, name), { bigint: true });
      return `${name} ${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}\n`;
    }),
  );
  return rows.join('');
}
