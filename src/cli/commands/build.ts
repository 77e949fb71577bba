import { defineCommand } from '../command.ts';
import { print, printJson } from '../context.ts';
import { projectSettings } from '../project-settings.ts';

interface Options {
  flake: string;
  profile: string;
  nixpkgs: string;
  rebuild: boolean;
  json: boolean;
}

/** The flags that choose what is built, shared by the commands that build. */
export const buildFlags = [
  { flags: '--flake <dir>', description: "the flake's folder; mvm.toml's unless given" },
  { flags: '--profile <name>', description: "the output; mvm.toml's, else default (dev for dev up)" },
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
    "Builds packages.<system>.<profile> of this project's flake in the builder VM, copies the image into the cache and prints its path. A project that has not changed is not built again.",
  options: [
    ...buildFlags,
    { flags: '--rebuild', description: 'build even where the image is in the cache' },
    { flags: '--json', description: 'print the image as JSON' },
  ],
  examples: [
    ['mvmctl build', 'what mvm.toml names'],
    ['mvmctl build --flake . --profile dev', 'the dev output of the flake here'],
    ['mvmctl build --flake . --nixpkgs debian', 'where no Nix cache can be reached'],
  ],
  async run(context, { options }) {
    const { buildProject } = await import('../../builder/build-project.ts');
    const { settings, base } = await projectSettings(context, options);
    const { image, profile, cached } = await buildProject({
      ...context,
      settings,
      base,
      profile: 'default',
      ...(options.rebuild === undefined ? {} : { rebuild: options.rebuild }),
    });
    if (options.json === true) {
      await printJson(context, { path: image.dir, digest: image.digest, profile, cached, image: image.spec });
    } else {
      await print(context, image.dir);
    }
    return 0;
  },
});
