import { type BuilderKind, parseBuilder } from '../../builder/place/kind.ts';
import type { Architecture } from '../../vm/state/record.ts';
import { profileName } from '../arguments/complete-values.ts';
import { parseArch } from '../arguments/values.ts';
import { print, printJson } from '../context.ts';
import { defineCommand } from '../program/command.ts';

interface Options {
  flake: string;
  profile: string;
  nixpkgs: string;
  arch: Architecture;
  builder: BuilderKind;
  rebuild: boolean;
  json: boolean;
}

/** The flags that choose what is built, shared by the commands that build. */
export const buildFlags = [
  {
    flags: '--flake <ref>',
    description:
      "the flake: a folder or a reference (github:…), optionally with #output; mvm.toml's unless given",
  },
  {
    flags: '--profile <name>',
    description: "the output to build; mvm.toml's unless given, else default (dev for dev up)",
    complete: profileName,
  },
  {
    flags: '--nixpkgs <which>',
    description: "replace the flake's nixpkgs: debian (packages from Debian) or a flake reference",
    complete: () => ['debian'],
  },
] as const;

export const build = defineCommand<Options>({
  name: 'build',
  summary: "build the image of this project's flake",
  description:
    "Build packages.<system>.<profile> of this project's flake in the builder VM, copy the image into the cache and print its path. An unchanged project is not built again.",
  options: [
    ...buildFlags,
    {
      flags: '--arch <arch>',
      description:
        'x86_64 or aarch64; the builder VM can build only for the host’s, and just evaluates the other',
      parse: parseArch,
      complete: () => ['x86_64', 'aarch64'],
    },
    {
      flags: '--builder <where>',
      description: "where Nix runs: vm (the builder VM, which brings Nix) or host (this host's Nix)",
      parse: parseBuilder,
      complete: () => ['vm', 'host'],
    },
    { flags: '--rebuild', description: 'build even if the image is in the cache' },
    {
      flags: '--json',
      description: 'print the image and what was done as JSON; for events on stderr, set MVM_PROGRESS=json',
    },
  ],
  examples: [
    ['mvmctl build', 'build what mvm.toml names'],
    ['mvmctl build --flake . --profile dev', 'build the dev output of the flake in this folder'],
    ['mvmctl build --flake .#dev', 'do the same'],
    ['mvmctl build --flake . --nixpkgs debian', 'build without a Nix cache'],
  ],
  async run(context, { options }) {
    const { buildProject } = await import('../../builder/project/build.ts');
    const { projectSettings } = await import('../../project/project-settings.ts');
    const { flake, profile: asked, nixpkgs, arch, builder, rebuild } = options;
    const flags = { flake, profile: asked, nixpkgs };
    const { project, settings } = await projectSettings(context.cwd, flags, context.env);
    const { image, profile, cached, nix } = await buildProject({
      ...context,
      settings,
      base: project.dir,
      profile: 'default',
      ...(arch === undefined ? {} : { arch }),
      ...(builder === undefined ? {} : { builder }),
      ...(rebuild === undefined ? {} : { rebuild }),
    });
    if (options.json === true) {
      const { dir: path, digest, spec } = image;
      await printJson(context, { path, digest, profile, cached, nix: nix ?? null, image: spec });
    } else {
      await print(context, image.dir);
    }
    return 0;
  },
});
