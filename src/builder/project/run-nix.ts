import { join, posix } from 'node:path';
import { readNames, readTable } from '../../debian/lock/table.ts';
import { phase } from '../../events/events.ts';
import type { Image } from '../../image/load-image.ts';
import type { Source } from '../../project/source-entry.ts';
import { home } from '../../vm/images/installation.ts';
import type { Surroundings } from '../../vm/surroundings.ts';
import { bundles } from '../library/library.ts';
import { type NixOptions, nixBuild, nixEval } from '../nix/build.ts';
import type { NixPlace } from '../place/place.ts';
import { storeName } from '../store-name.ts';
import { createBuildLog } from './build-log.ts';
import { keepLock } from './keep-lock.ts';
import { withOutputs } from './missing-output.ts';
import { namedPackages } from './named-packages.ts';
import type { BuildTarget } from './target.ts';

export interface NixJob {
  place: NixPlace;
  target: BuildTarget;
  /** Of a local flake; Nix fetches others itself. */
  source: Source | undefined;
  base: Image;
  /** Inputs that are replaced; nixpkgs may be "debian". */
  inputs: Readonly<Record<string, string>>;
  evaluateOnly: boolean;
}

/** What Nix did for a build, for a script that asks. */
export interface NixWork {
  /** Names of the derivations that were built. */
  built: string[];
  fetchedBytes: number;
  /** Paths that came from caches. */
  copied: number;
  /** Nix's own time. */
  ms: number;
  /** The file with all that Nix and the builds said. */
  log: string;
}

export interface NixOutcome {
  /** The image's store path; empty where it was only evaluated. */
  path: string;
  work: NixWork;
  /** The source with the lock file that Nix made. */
  locked: Source | undefined;
  /** The source's files that were read, by their paths; undefined if that is unknown. */
  read: ReadonlySet<string> | undefined;
}

/** Brings all that a build needs to where Nix is, and lets it build. Throws as `nixBuild` does. */
export async function runNix(job: NixJob, options: Surroundings): Promise<NixOutcome> {
  const { place, target, source, evaluateOnly } = job;
  const { emit, signal } = options;
  const { overrides, flake, folder } = await send(job, options);
  const debian = job.inputs.nixpkgs === 'debian';
  const log = await createBuildLog(options.paths, emit);
  const word = evaluateOnly ? 'Evaluating' : 'Building';
  try {
    return await phase(
      emit,
      'build',
      `${word} ${target.attribute}`,
      async (progress): Promise<NixOutcome> => {
        const shared: NixOptions = {
          run: place.run,
          flake,
          attribute: target.attribute,
          overrides,
          signal,
          log: log.path,
          hostNix: place.kind === 'host',
          names: async () => (debian ? packageNames() : undefined),
          listener: {
            ...progress,
            figures: (figures) => emit({ type: 'build', phase: 'build', ...figures }),
            logLine: log.write,
          },
        };
        const described = async (error: unknown): Promise<never> => {
          throw await withOutputs(error, target, shared);
        };
        if (evaluateOnly) {
          await nixEval({ ...shared, apply: 'image: image.drvPath' }).catch(described);
          const work = { built: [], fetchedBytes: 0, copied: 0, ms: 0, log: log.path };
          return { path: '', work, locked: undefined, read: undefined };
        }
        const { path, run } = await nixBuild({ ...shared, storeDir: place.storeDir }).catch(described);
        const { fetched, copied } = run.state();
        const built = run.finished.map(storeName);
        const locked =
          source === undefined
            ? undefined
            : await keepLock(run, { run: place.run, flake, overrides, source, emit, signal });
        const read = await readOf(job, folder);
        const work = { built, fetchedBytes: fetched, copied, ms: run.ms, log: log.path };
        return { path, locked, read, work };
      },
      ({ work }) => summary(work),
    );
  } finally {
    await log.end();
  }
}

async function readOf({ place, source }: NixJob, folder: string | undefined): Promise<NixOutcome['read']> {
  if (source === undefined || folder === undefined) return undefined;
  const read = await place.reads(folder);
  return read && new Set([...read].map((path) => posix.join(source.subfolder, path)));
}

function summary({ built, fetchedBytes, copied }: NixWork): string {
  const parts = [
    built.length === 0 ? '' : `${built.length} built`,
    copied === 0 ? '' : `${copied} from a cache`,
    fetchedBytes === 0 ? '' : `${Math.max(1, Math.round(fetchedBytes / 1e6))} MB fetched`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'nothing to do' : parts.join(', ');
}

/** The names of the package set that is made of Debian's: what a wrong one may have meant. */
async function packageNames(): Promise<Iterable<string>> {
  const root = join(home, 'nix', 'debian');
  const { entries } = await readTable(root, 'amd64');
  return [...entries.keys(), ...Object.keys((await readNames(root)).set)];
}

/**
 * Brings everything there: where the flake then is, and what its inputs are replaced by. Nix passes over names that
 * it lacks.
 */
async function send(
  { place, target, source, base, inputs }: NixJob,
  options: Surroundings,
): Promise<{ flake: string; overrides: Record<string, string>; folder?: string }> {
  const brought = await bundles(target.arch, base, await debianNames(inputs, source), options);
  return phase(options.emit, 'send', 'Sending the source', async () => {
    const overrides: Record<string, string> = { ...inputs };
    for (const bundle of brought) {
      overrides[bundle.input] = `path:${await place.bundle(bundle)}`;
    }
    if (overrides.nixpkgs !== undefined) overrides['mvm/nixpkgs'] = overrides.nixpkgs;
    if (target.flake.kind === 'remote' || source === undefined) return { flake: where(target), overrides };
    const folder = await place.source(source);
    return { flake: `path:${folder}`, overrides, folder };
  });
}

/** Undefined where nixpkgs is not the one made from Debian packages. */
async function debianNames(
  inputs: NixJob['inputs'],
  source: Source | undefined,
): Promise<string[] | undefined> {
  if (inputs.nixpkgs !== 'debian') return undefined;
  return source === undefined ? [] : namedPackages(source, await readNames(join(home, 'nix', 'debian')));
}

const where = ({ flake }: BuildTarget) => (flake.kind === 'remote' ? flake.ref : `path:${flake.dir}`);
