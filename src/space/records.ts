import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { packageSetDir } from '../builder/library/digest.ts';
import { identify } from '../process/identity.ts';
import { lockHolder } from '../state/lock.ts';
import { buildLogDir, codeDir, debugLogDir, hostBuildsDir, type Paths, projectsDir } from '../state/paths.ts';
import { home } from '../vm/images/installation.ts';
import type { Candidate, Kind } from './candidate.ts';
import { createMeter, namesIn } from './tree.ts';

/** Days after which the notes on a project's files are dropped; reading the files once makes them again. */
const notesDays = 30;

/** Logs of commands that have ended; compiled code for other versions; notes on projects that have not changed for long. */
export async function unneededRecords(paths: Paths): Promise<Candidate[]> {
  return [
    ...(await logs('build logs', buildLogDir(paths))),
    ...(await logs('debug logs', debugLogDir(paths))),
    ...(await foreignCode(paths)),
    ...(await oldNotes(paths)),
    ...(await hostBuilds(paths)),
    ...(await oldPackageSets(paths)),
  ];
}

async function logs(kind: Kind, dir: string): Promise<Candidate[]> {
  const found: Candidate[] = [];
  for (const name of await namesIn(dir)) {
    const pid = Number(/-(\d+)\.log$/.exec(name)?.[1]);
    // A build may be silent for hours.
    if (kind === 'build logs' && (await identify(pid)) !== undefined) continue;
    found.push({ kind, path: join(dir, name), why: 'its command has ended' });
  }
  return found;
}

/** Code is kept with the digest of the program that it is of: see kept-code.ts. */
async function foreignCode(paths: Paths): Promise<Candidate[]> {
  const program = await readFile(join(home, 'dist', 'main.cjs')).catch(() => undefined);
  if (program === undefined) return [];
  const digest = createHash('sha256').update(program).digest('hex');
  const found: Candidate[] = [];
  for (const name of await namesIn(codeDir(paths))) {
    const path = join(codeDir(paths), name);
    if ((await firstBytes(path, digest.length)) === digest && !/\.\d+$/.test(name)) continue;
    found.push({ kind: 'compiled code', path, why: 'for another version' });
  }
  return found;
}

async function firstBytes(path: string, count: number): Promise<string | undefined> {
  const file = await open(path).catch(() => undefined);
  try {
    return (await file?.read(Buffer.alloc(count), 0, count, 0))?.buffer.toString('latin1');
  } catch {
    // A folder in its place.
    return undefined;
  } finally {
    await file?.close();
  }
}

async function oldNotes(paths: Paths): Promise<Candidate[]> {
  const dir = projectsDir(paths);
  const measure = createMeter();
  const found: Candidate[] = [];
  for (const name of await namesIn(dir)) {
    if (!/^(content|reads|tracked)-/.test(name)) continue;
    const path = join(dir, name);
    if (Date.now() - (await measure(path)).changedAt > notesDays * 86_400_000)
      found.push({ kind: 'project notes', path, why: `the project has not changed for ${notesDays} days` });
  }
  return found;
}

/** Everything that builds by the host's Nix were given: it is written again for the next one. */
async function hostBuilds(paths: Paths): Promise<Candidate[]> {
  const dir = hostBuildsDir(paths);
  const names = await namesIn(dir);
  const locks = names.filter((name) => name.endsWith('.lock'));
  for (const lock of locks) if ((await lockHolder(join(dir, lock))) !== undefined) return [];
  return names.map((name) => ({ kind: 'host builds', path: join(dir, name), why: 'no build is running' }));
}

async function oldPackageSets(paths: Paths): Promise<Candidate[]> {
  const current = basename(packageSetDir(paths));
  return (await namesIn(paths.cache))
    .filter((name) => /^nixpkgs-debian-\d+$/.test(name) && name !== current)
    .map((name) => ({ kind: 'host builds', path: join(paths.cache, name), why: 'for another version' }));
}
