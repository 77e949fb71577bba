import { createReadStream } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileDigest } from '../digest.ts';
import { type ReceiveOptions, writeFile } from './receive.ts';

type Digests = ReadonlyMap<string, FileDigest>;

/**
 * Copies those files of an image into `dir` that another image in the store has, as all of a host have the same kernel;
 * what was copied. A file that is not what its image.json says is passed over.
 */
export async function copyHeld(
  store: string,
  wanted: Readonly<Record<string, FileDigest>>,
  dir: string,
  options: Pick<ReceiveOptions, 'signal'>,
): Promise<Map<string, FileDigest>> {
  const held = new Map<string, FileDigest>();
  for (const folder of await imageFolders(store)) {
    const theirs = await digestsIn(folder);
    for (const [name, digest] of Object.entries(wanted)) {
      if (held.has(name) || !isSame(theirs.get(name), digest)) continue;
      const content = createReadStream(join(folder, name), { signal: options.signal });
      const copied = new Map<string, FileDigest>();
      // It may be gone or damaged by now; then it comes from where the rest comes from.
      await writeFile(dir, name, content, copied, options).catch(() => options.signal.throwIfAborted());
      if (isSame(copied.get(name), digest)) held.set(name, digest);
      else await rm(join(dir, name), { force: true });
    }
  }
  return held;
}

/** Built images, and assembled ones. */
async function imageFolders(store: string): Promise<string[]> {
  const names = await readdir(store);
  return names.filter((name) => /^(sha256|default)-[^.]*$/.test(name)).map((name) => join(store, name));
}

/** What an image's image.json says of its files; nothing where it can't be read, as in half of an image. */
async function digestsIn(folder: string): Promise<Digests> {
  try {
    const { files } = JSON.parse(await readFile(join(folder, 'image.json'), 'utf8')) as {
      files: Record<string, FileDigest>;
    };
    return new Map(Object.entries(files));
  } catch {
    return new Map();
  }
}

const isSame = (a: FileDigest | undefined, b: FileDigest) =>
  a !== undefined && a.sha256 === b.sha256 && a.size === b.size;
