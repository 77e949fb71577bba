import { realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Settings } from '../config/settings.ts';
import { MvmError } from '../errors/mvm-error.ts';
import { phase } from '../events/events.ts';
import { addImage, findImage, type StoredImage } from '../image/store.ts';
import { fingerprint } from '../project/fingerprint.ts';
import { readSource } from '../project/source.ts';
import type { Source } from '../project/source-entry.ts';
import { tarStream } from '../project/tar-source.ts';
import { imagesDir } from '../state/paths.ts';
import type { BootOptions } from '../vm/boot.ts';
import { defaultImage } from '../vm/default-image.ts';
import type { RunningVm } from '../vm/vm.ts';
import { type Bundle, bundles, debianSetDir, libraryDigest, libraryDir } from './library.ts';
import { ensureBuilder, ownArch } from './lifecycle.ts';
import { nixBuild, sourceDir } from './nix-build.ts';
import { createNixProgress } from './nix-progress.ts';
import { takeTurn } from './queue.ts';
import { sendBundle } from './send-bundle.ts';
import { receiveTree, sendTree } from './tree.ts';

export interface BuildOptions extends BootOptions {
  cwd: string;
  settings: Settings;
  /** The folder of mvm.toml: where a relative `flake` is looked for. */
  base: string;
  /** The output, where neither a flag nor mvm.toml names one. */
  profile: string;
  /** Build even where the image of this source is in the cache. */
  rebuild?: boolean;
}

export interface BuildResult {
  image: StoredImage;
  profile: string;
  /** It was in the cache, and no builder was started. */
  cached: boolean;
}

/**
 * The image of a project's flake: from the cache where nothing has changed, else built in the builder VM.
 * @throws MvmError USAGE (no such flake), SOURCE_INVALID, EVAL_FAILED, BUILD_FAILED, BUILDER_FAILED, …
 */
export async function buildProject(options: BuildOptions): Promise<BuildResult> {
  const { settings, paths, emit, env, signal } = options;
  const profile = settings.profile?.value ?? options.profile;
  const dir = await flakeDir(options);
  const cacheDir = join(paths.cache, 'projects');
  const source = await readSource(dir, { env, signal, cacheDir });
  for (const text of source.notes) emit({ type: 'note', level: 'warn', text });
  const system = `${ownArch()}-linux`;
  const base = await defaultImage(ownArch(), options);
  const inputs = overridesOf(settings);
  const build = { library: await libraryDigest(ownArch(), base, options), inputs, profile, system };
  const print = await fingerprint(source, build, { cacheDir, signal });
  const store = imagesDir(paths);
  const known = options.rebuild === true ? undefined : await findImage(store, print, { emit });
  if (known !== undefined) return { image: known, profile, cached: true };
  const attribute = `packages.${system}.${profile}`;
  const image = await takeTurn({ paths, emit, signal, what: `${attribute} of ${dir}` }, async () => {
    const brought = await bundles(ownArch(), base, settings.nixpkgs?.value === 'debian', options);
    const vm = await ensureBuilder({ ...options, disk: 'own' });
    await send(vm, source, brought, options);
    const out = await runNix(vm, source, attribute, inputs, options);
    return receive(vm, out, { fingerprint: print, project: dir, profile }, options);
  });
  return { image, profile, cached: false };
}

/** The folder of the flake that is asked for. */
async function flakeDir({ settings, base, cwd }: BuildOptions): Promise<string> {
  const flake = settings.flake;
  if (flake === undefined)
    throw new MvmError('USAGE', 'No flake is named.', { hint: 'mvmctl build --flake .' });
  const named = flake.value.replace(/^path:/, '');
  if (/^[a-z+]+:|^[\w-]+\/[\w-]+/.test(named) && !named.startsWith('.')) {
    throw new MvmError(
      'USAGE',
      `'${flake.value}' (${flake.source}) is no folder; only a local flake is built.`,
      {
        hint: `git clone it, and: mvmctl build --flake <folder>`,
      },
    );
  }
  const dir = resolve(flake.source.startsWith('flag') ? cwd : base, named);
  const file = join(dir, 'flake.nix');
  if ((await stat(file).catch(() => undefined)) === undefined) {
    throw new MvmError('USAGE', `There is no ${file} (flake "${flake.value}", from ${flake.source}).`, {
      hint: `ls ${dirname(file)}`,
    });
  }
  return realpath(dir);
}

/** The flake's inputs that are replaced. Nix passes over those that a flake does not have. */
function overridesOf(settings: Settings): Record<string, string> {
  const named = Object.entries(settings.inputs).map(([name, { value }]) => [name, value]);
  const nixpkgs = settings.nixpkgs?.value;
  const reference = nixpkgs === 'debian' ? `path:${debianSetDir}` : nixpkgs;
  return {
    ...Object.fromEntries(named),
    mvm: `path:${libraryDir}`,
    ...(reference === undefined ? {} : { nixpkgs: reference, 'mvm/nixpkgs': reference }),
  };
}

function send(
  vm: RunningVm,
  source: Source,
  brought: readonly Bundle[],
  { emit, signal }: BuildOptions,
): Promise<void> {
  return phase(emit, 'send', 'Sending the source', async () => {
    for (const bundle of brought) await sendBundle(vm, bundle, signal);
    await sendTree(vm, tarStream(source, signal), sourceDir, { signal });
  });
}

function runNix(
  vm: RunningVm,
  source: Source,
  attribute: string,
  overrides: Record<string, string>,
  { emit, signal }: BuildOptions,
): Promise<string> {
  return phase(emit, 'build', `Building ${attribute}`, (progress) => {
    const log = createNixProgress(progress);
    return nixBuild({
      vm,
      source: join(sourceDir, source.subfolder),
      attribute,
      overrides,
      signal,
      onEvent: (line) => {
        log.take(line);
        emit({ type: 'debug', text: line });
      },
    });
  });
}

function receive(
  vm: RunningVm,
  path: string,
  build: { fingerprint: string; project: string; profile: string },
  { paths, emit, signal }: BuildOptions,
): Promise<StoredImage> {
  return phase(emit, 'receive', 'Copying the image', (progress) =>
    addImage(imagesDir(paths), receiveTree(vm, path, { signal }), {
      signal,
      build,
      onProgress: (bytes) => progress.progress(bytes),
    }),
  );
}
