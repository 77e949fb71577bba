import { MvmError } from '../../errors/mvm-error.ts';
import { phase } from '../../events/events.ts';
import { digestOfImageJson } from '../../image/digest.ts';
import { addImage, openImage, recordBuild, type StoredImage } from '../../image/store/store.ts';
import { ownArch } from '../../vm/state/record.ts';
import type { BuiltSource } from '../../vm/up/request.ts';
import { type BuilderKind, builderKind } from '../place/kind.ts';
import type { NixPlace } from '../place/place.ts';
import { describeSettled } from './built-source.ts';
import { exactPrint, type KnownOptions, knownImage, noteReads } from './known-image.ts';
import { asksNix, type PrepareOptions, prepareBuild } from './prepare.ts';
import type { NixWork } from './run-nix.ts';
import type { BuildTarget } from './target.ts';

export interface BuildOptions extends PrepareOptions {
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
  /** The files it is of, where they are on this host and were not edited meanwhile. */
  source?: BuiltSource;
}

/**
 * The image of a project's flake: from the cache where nothing has changed, else built by Nix in the builder VM
 * or on the host.
 * @throws MvmError USAGE, CONFIG_INVALID (no such flake), SOURCE_INVALID, EVAL_FAILED, BUILD_FAILED, BUILDER_FAILED,
 * OUTPUT_MISSING, SETUP_NEEDED (no Nix on the host), BACKEND_UNSUPPORTED (another architecture), …
 */
export async function buildProject(options: BuildOptions): Promise<BuildResult> {
  const { emit, env } = options;
  const prepared = await prepareBuild(options);
  const { target, source, base, build, known } = prepared;
  const { arch, profile } = target;
  for (const text of source?.notes ?? []) emit({ type: 'note', level: 'warn', text });
  const before = await exactPrint(build, known);
  const image = asksNix(target, options) ? undefined : await knownImage(build, before, known);
  if (image !== undefined) {
    return { image, profile, cached: true, ...(await describeSettled(source, prepared.readAt, options)) };
  }

  const kind = builderKind(options.builder, env);
  // Loaded where something is built: an unchanged project is recognised in the time that Node takes to start.
  const { runNix } = await import('./run-nix.ts');
  const { withPlace } = await import('../place/with-place.ts');
  return withPlace(kind, target.what, options, async (place) => {
    const evaluateOnly = place.kind === 'vm' && arch !== ownArch();
    const job = { place, target, source, base, inputs: prepared.inputs, evaluateOnly };
    const { path, work, locked, read } = await runNix(job, options);
    if (evaluateOnly) throw otherArchitecture(target);
    const image = await takeImage(place, path, known);
    // With its new lock file, which is what the next build will see.
    const now = { ...build, source: locked ?? source };
    try {
      const print = locked === undefined ? before : await exactPrint(now, known);
      await recordBuild(known.store, image.digest, { fingerprint: print, project: build.project, profile });
      await noteReads(now, image, read, known);
    } catch (error) {
      // A file was edited during the build: the next one builds again.
      if (!(error instanceof MvmError && error.code === 'SOURCE_INVALID')) throw error;
    }
    const built = await describeSettled(
      now.source,
      locked === undefined ? prepared.readAt : new Date(),
      options,
    );
    return { image, profile, cached: false, nix: work, ...built };
  });
}

/** The image that Nix made, in the host's store: one that is there already is not copied again. */
async function takeImage(
  place: NixPlace,
  path: string,
  { store, emit, signal }: KnownOptions,
): Promise<StoredImage> {
  const imageJson = await imageJsonThere(place, path, signal);
  const there = await openImage(store, digestOfImageJson(imageJson), { emit });
  if (there !== undefined) return there;
  const output = place.output(path);
  return phase(emit, 'receive', 'Copying the image', (progress) =>
    addImage(store, sourceOf(output, imageJson), { signal, onProgress: (bytes) => progress.progress(bytes) }),
  );
}

function sourceOf(output: ReturnType<NixPlace['output']>, imageJson: Buffer) {
  if (typeof output === 'string') return output;
  // What has no image.json is no image: that is told once all of it is here.
  if (imageJson.length === 0) return output([]);
  return { imageJson: imageJson.toString('utf8'), fetch: output };
}

/** The image.json of an image in Nix's store; empty where it has none. */
async function imageJsonThere(place: NixPlace, path: string, signal: AbortSignal): Promise<Buffer> {
  const output: Buffer[] = [];
  const onStdout = (chunk: Buffer) => output.push(chunk);
  await place.run(['cat', `${path}/image.json`], { onStdout, onStderr() {}, signal });
  return Buffer.concat(output);
}

function otherArchitecture({ attribute, arch }: BuildTarget): MvmError {
  return new MvmError(
    'BACKEND_UNSUPPORTED',
    `${attribute} evaluates without errors, but can't be built here: the builder VM only builds for ${ownArch()}.`,
    { hint: `on an ${arch} host: mvmctl build   (or --builder host with a Nix that builds ${arch}-linux)` },
  );
}
