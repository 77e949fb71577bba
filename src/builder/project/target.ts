import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from '../../config/settings.ts';
import { MvmError } from '../../errors/mvm-error.ts';
import { checkLocalFlake, type FlakeRef, parseFlakeRef } from '../../project/flake-ref.ts';
import { type Architecture, ownArch } from '../../vm/state/record.ts';

export interface TargetRequest {
  cwd: string;
  settings: Settings;
  /** The folder of mvm.toml: where a relative `flake` in it is looked for. */
  base: string;
  /** The output, where neither a flag nor mvm.toml names one. */
  profile: string;
  /** The host's own unless given. */
  arch?: Architecture;
}

/** What to build. */
export interface BuildTarget {
  flake: FlakeRef;
  profile: string;
  arch: Architecture;
  system: string;
  /** "packages.x86_64-linux.dev". */
  attribute: string;
  /** In words: "packages.x86_64-linux.dev of /home/me/project". */
  what: string;
}

/** Throws USAGE where no flake is named, and CONFIG_INVALID for one that is none or is not there. */
export async function buildTarget(request: TargetRequest): Promise<BuildTarget> {
  const { settings, base, cwd, arch = ownArch() } = request;
  const asked = settings.flake;
  if (asked === undefined) throw await noFlake(base);
  const flake = parseFlakeRef(asked, rank(asked.source) === 0 ? base : cwd);
  if (flake.kind === 'local') flake.dir = await checkLocalFlake(flake.dir, asked.source);
  // `--flake .#dev` is the word of who typed it, over a profile in mvm.toml.
  const { profile } = settings;
  const outdone = profile === undefined || rank(asked.source) > rank(profile.source);
  const output = (outdone ? flake.output : undefined) ?? profile?.value ?? request.profile;
  const system = `${arch}-linux`;
  const attribute = `packages.${system}.${output}`;
  const where = flake.kind === 'local' ? flake.dir : flake.ref;
  return { flake, profile: output, arch, system, attribute, what: `${attribute} of ${where}` };
}

/** Flags win over the environment, and that over mvm.toml. */
function rank(source: string): number {
  return source.startsWith('flag ') ? 2 : source.startsWith('MVM_') ? 1 : 0;
}

async function noFlake(base: string): Promise<MvmError> {
  const file = join(base, 'flake.nix');
  const there = await stat(file).catch(() => undefined);
  if (there === undefined) {
    return new MvmError('USAGE', `No flake was named, and there is no ${file}.`, {
      hint: 'mvmctl dev up   (a shell without a flake; docs/guide/mkguest.md shows how to write one)',
    });
  }
  return new MvmError(
    'USAGE',
    `${file} exists, but no mvm.toml names it, so it is not built unless you ask for it.`,
    {
      hint: 'mvmctl build --flake .',
    },
  );
}
