import { MvmError } from '../errors/mvm-error.ts';
import { phase } from '../events/events.ts';
import { addImage, findImage, type StoredImage } from '../image/store.ts';
import { type BuildInputs, fingerprint, remoteFingerprint } from '../project/fingerprint.ts';
import { isPinned } from '../project/flake-ref.ts';
import { readSource } from '../project/source.ts';
import type { Source } from '../project/source-entry.ts';
import { imagesDir, projectsDir } from '../state/paths.ts';
import type { BootOptions } from '../vm/boot.ts';
import { defaultImage } from '../vm/default-image.ts';
import { ownArch } from '../vm/record.ts';
import { type BuildTarget, buildTarget, type TargetRequest } from './build-target.ts';
import { type BuilderKind, builderKind } from './builder-kind.ts';
import { libraryDigest } from './library-digest.ts';
import type { NixWork } from './run-nix.ts';

export interface BuildOptions extends BootOptions, TargetRequest {
  /** Build even where the image of this source is in the cache. */
  rebuild?: boolean;
  /** Where Nix runs; MVM_BUILDER or the builder VM unless given. */
  builder?: BuilderKind;
}

export interface BuildResult {
  image: StoredImage;
  profile: string;
  /** It was in the cache, and nothing was started. */
  cached: boolean;
  /** What Nix did, where it ran. */
  nix?: NixWork;
}

/**
 * The image of a project's flake: from the cache where nothing has changed, else built by Nix in the builder VM
 * or on the host.
 * @throws MvmError USAGE, CONFIG_INVALID (no such flake), SOURCE_INVALID, EVAL_FAILED, BUILD_FAILED, BUILDER_FAILED,
 * OUTPUT_MISSING, SETUP_NEEDED (no Nix on the host), BACKEND_UNSUPPORTED (another architecture), …
 */
export async function buildProject(options: BuildOptions): Promise<BuildResult> {
  const { settings, paths, emit, env, signal } = options;
  const target = await buildTarget(options);
  const { flake, arch, profile, system } = target;
  const cacheDir = projectsDir(paths);
  const source = flake.kind === 'local' ? await readSource(flake.dir, { env, signal, cacheDir }) : undefined;
  for (const text of source?.notes ?? []) emit({ type: 'note', level: 'warn', text });
  const base = await defaultImage(arch, options);
  const inputs = Object.fromEntries(
    Object.entries(settings.inputs).map(([name, { value }]) => [name, value]),
  );
  if (settings.nixpkgs !== undefined) inputs.nixpkgs = settings.nixpkgs.value;
  const build: BuildInputs = { library: await libraryDigest(arch, base, options), inputs, profile, system };
  const print = (of: Source | undefined) =>
    of === undefined ? remoteFingerprint(refOf(target), build) : fingerprint(of, build, { cacheDir, signal });
  const key = await print(source);
  // Only Nix can tell whether a branch has moved.
  const asksNix = options.rebuild === true || (flake.kind === 'remote' && !isPinned(flake.ref));
  const store = imagesDir(paths);
  const known = asksNix ? undefined : await findImage(store, key, { emit });
  if (known !== undefined) return { image: known, profile, cached: true };

  const kind = builderKind(options.builder, env);
  // Loaded where something is built: a project that has not changed is told in the time that Node takes to start.
  const { runNix } = await import('./run-nix.ts');
  const { withPlace } = await import('./with-place.ts');
  return withPlace(kind, target.what, options, async (place) => {
    const evaluateOnly = place.kind === 'vm' && arch !== ownArch();
    const job = { place, target, source, base, inputs, evaluateOnly };
    const { path, work, locked } = await runNix(job, options);
    if (evaluateOnly) throw otherArchitecture(target);
    const project = flake.kind === 'local' ? flake.dir : flake.ref;
    const made = { fingerprint: await settledPrint(locked, key, print), project, profile };
    const image = await phase(emit, 'receive', 'Copying the image', (progress) =>
      addImage(store, place.output(path), {
        signal,
        build: made,
        onProgress: (bytes) => progress.progress(bytes),
      }),
    );
    return { image, profile, cached: false, nix: work };
  });
}

/** The fingerprint of the source with its new lock file, which is what the next build will see. */
async function settledPrint(
  locked: Source | undefined,
  before: string,
  print: (source: Source) => string | Promise<string>,
): Promise<string> {
  if (locked === undefined) return before;
  try {
    return await print(locked);
  } catch (error) {
    // A file was edited during the build: the next one builds again.
    if (error instanceof MvmError && error.code === 'SOURCE_INVALID') return before;
    throw error;
  }
}

function refOf({ flake }: BuildTarget): string {
  return flake.kind === 'remote' ? flake.ref : flake.dir;
}

function otherArchitecture({ attribute, arch }: BuildTarget): MvmError {
  return new MvmError(
    'BACKEND_UNSUPPORTED',
    `${attribute} evaluates without errors, but can't be built here: the builder VM builds for ${ownArch()} only.`,
    { hint: `on an ${arch} host: mvmctl build   (or --builder host with a Nix that builds ${arch}-linux)` },
  );
}
