import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { atFile } from '../errors/file-error.ts';
import { systemCode } from '../errors/mvm-error.ts';
import { ensureDir, writeAtomic } from '../state/write.ts';

/** What is known of a source's contents: stat data and SHA-256 of each file. */
export interface ContentCache {
  /** Digest over all stat data for which `digest` is right. */
  whole?: string;
  digest?: string;
  entries: readonly (readonly [stat: string, sha256: string])[];
}

const format = 'mvm content 1';

/**
 * Reads the cache; a missing or damaged one is empty. The files are only parsed when asked for: where nothing
 * changed, the first line says all.
 */
export function readContentCache(path: string): {
  whole: string | undefined;
  digest: string | undefined;
  files: () => Map<string, string>;
} {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw atFile(error, path);
    text = '';
  }
  const end = text.indexOf('\n');
  const head = /^mvm content 1 (-|[0-9a-f]{64}) (-|[0-9a-f]{64})$/.exec(text.slice(0, Math.max(end, 0)));
  const value = (part: string | undefined) => (part === undefined || part === '-' ? undefined : part);
  return {
    whole: value(head?.[1]),
    digest: value(head?.[2]),
    files() {
      const found = new Map<string, string>();
      if (head === null) return found;
      // Ends in NUL, since a path may have a line break in it.
      for (const row of text.slice(end + 1).split('\0')) {
        if (/^[0-9a-f]{64} /.test(row)) found.set(row.slice(65), row.slice(0, 64));
      }
      return found;
    },
  };
}

export async function writeContentCache(path: string, cache: ContentCache): Promise<void> {
  const rows = cache.entries.map(([stat, sha256]) => `${sha256} ${stat}\0`);
  await ensureDir(dirname(path));
  await writeAtomic(path, `${format} ${cache.whole ?? '-'} ${cache.digest ?? '-'}\n${rows.join('')}`);
}
