import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { MvmError } from '../errors/mvm-error.ts';
import { recordFile } from '../state/record.ts';
import { ensureDir } from '../state/write.ts';
import type { BuildInputs } from './fingerprint.ts';
import { entryPath, type Source } from './source-entry.ts';

const records = recordFile({
  what: 'list of what a build read',
  version: 1,
  schema: v.object({ read: v.array(v.string()) }),
});

type Of = Pick<BuildInputs, 'profile' | 'system'>;

/** One for each flake, profile and system: what its last build read is the best guess of what the next one reads. */
function listPath(source: Source, { profile, system }: Of, cacheDir: string): string {
  const text = JSON.stringify([source.root, source.subfolder, profile, system]);
  return join(cacheDir, `reads-${createHash('sha256').update(text).digest('hex').slice(0, 16)}.json`);
}

/** The files of a source that its last build read, by their paths; undefined where that is not known. */
export async function loadReadList(
  source: Source,
  build: Of,
  cacheDir: string,
): Promise<ReadonlySet<string> | undefined> {
  const found = await records.read(listPath(source, build, cacheDir)).catch((error: unknown) => {
    // A damaged list, or one of a newer mvmctl, is as good as none.
    if (error instanceof MvmError) return undefined;
    throw error;
  });
  return found === undefined ? undefined : new Set(found.read);
}

/** Throws STATE_WRITE. */
export async function saveReadList(
  source: Source,
  build: Of,
  read: ReadonlySet<string>,
  cacheDir: string,
): Promise<void> {
  await ensureDir(cacheDir);
  await records.write(listPath(source, build, cacheDir), { read: [...read] });
}

/** What changes with any file of the flake, though Nix reads none of them for it. */
const ofTheWhole =
  /\b(narHash|sourceInfo|dirtyRev|dirtyShortRev|unsafeDiscardStringContext|unsafeDiscardOutputDependency)\b/;

/** Whether Nix files that were read may use what changes with any file of the flake. */
export async function mayDependOnAll(source: Source, read: ReadonlySet<string>): Promise<boolean> {
  for (const entry of source.entries) {
    if (!read.has(entry.path) || !entry.path.endsWith('.nix') || entry.kind !== 'file') continue;
    if (ofTheWhole.test(await readFile(entryPath(source, entry), 'utf8'))) return true;
  }
  return false;
}
