import type { Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../errors/mvm-error.ts';

/** What a file or a folder takes. */
export interface Tree {
  /** Allocated, and not apparent: a disk image of 64 GB may take one. */
  bytes: number;
  /** When something in it was last written, in milliseconds since 1970. */
  changedAt: number;
}

/** Measures trees; a file with several names counts where the first of them is met. */
export function createMeter(): (path: string) => Promise<Tree> {
  const seen = new Set<string>();
  const own = (stats: Stats): number => {
    if (stats.nlink > 1 && !stats.isDirectory()) {
      const inode = `${stats.dev}:${stats.ino}`;
      if (seen.has(inode)) return 0;
      seen.add(inode);
    }
    // stat(2): blocks are of 512 bytes, whatever the file system's own are.
    return stats.blocks * 512;
  };
  const measure = async (path: string): Promise<Tree> => {
    const stats = await unlessGone(lstat(path));
    if (stats === undefined) return { bytes: 0, changedAt: 0 };
    const tree = { bytes: own(stats), changedAt: stats.mtimeMs };
    for (const name of stats.isDirectory() ? await namesIn(path) : []) {
      const inner = await measure(join(path, name));
      tree.bytes += inner.bytes;
      tree.changedAt = Math.max(tree.changedAt, inner.changedAt);
    }
    return tree;
  };
  return measure;
}

/** The names in a folder, in order; none where it is not there. */
export async function namesIn(dir: string): Promise<string[]> {
  return ((await unlessGone(readdir(dir))) ?? []).sort();
}

/** Others remove things meanwhile. */
async function unlessGone<T>(found: Promise<T>): Promise<T | undefined> {
  return found.catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  });
}
