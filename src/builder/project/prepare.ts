import type { Image } from '../../image/load-image.ts';
import { isPinned } from '../../project/flake-ref.ts';
import { readSource } from '../../project/source.ts';
import type { Source } from '../../project/source-entry.ts';
import { requireTracked } from '../../project/untracked.ts';
import { imagesDir, projectsDir } from '../../state/paths.ts';
import type { BootOptions } from '../../vm/boot/boot.ts';
import { defaultImage } from '../../vm/images/default-image.ts';
import { libraryDigest } from '../library/digest.ts';
import type { Build, KnownOptions } from './known-image.ts';
import { type BuildTarget, buildTarget, type TargetRequest } from './target.ts';

export interface PrepareOptions extends BootOptions, TargetRequest {
  /** Build even where the image of this source is in the cache. */
  rebuild?: boolean;
}

/** What is known of a build before Nix runs. */
export interface PreparedBuild {
  target: BuildTarget;
  source: Source | undefined;
  /** When the source was looked at. */
  readAt: Date;
  /** The image whose kernel and agent the new one gets. */
  base: Image;
  /** Overrides of the flake's inputs by name. */
  inputs: Record<string, string>;
  build: Build;
  known: KnownOptions;
}

/**
 * Looks at a project and at what else decides its image. Starts nothing.
 * @throws MvmError USAGE, CONFIG_INVALID (no such flake), SOURCE_INVALID (also for files that git does not track)
 */
export async function prepareBuild(options: PrepareOptions): Promise<PreparedBuild> {
  const { settings, paths, emit, env, signal } = options;
  const target = await buildTarget(options);
  const { flake, arch, profile, system } = target;
  const cacheDir = projectsDir(paths);
  const readAt = new Date();
  const source = flake.kind === 'local' ? await readSource(flake.dir, { env, signal, cacheDir }) : undefined;
  if (source !== undefined) requireTracked(source);
  const base = await defaultImage(arch, options);
  const inputs = Object.fromEntries(
    Object.entries(settings.inputs).map(([name, { value }]) => [name, value]),
  );
  if (settings.nixpkgs !== undefined) inputs.nixpkgs = settings.nixpkgs.value;
  const build: Build = {
    inputs: { library: await libraryDigest(arch, base, options), inputs, profile, system },
    project: flake.kind === 'local' ? flake.dir : flake.ref,
    source,
  };
  return {
    target,
    source,
    readAt,
    base,
    inputs,
    build,
    known: { store: imagesDir(paths), cacheDir, emit, signal },
  };
}

/** Only Nix can tell whether a branch has moved. */
export function asksNix({ flake }: BuildTarget, { rebuild }: Pick<PrepareOptions, 'rebuild'>): boolean {
  return rebuild === true || (flake.kind === 'remote' && !isPinned(flake.ref));
}
