import { readProjectConfig } from '../config/project-config.ts';
import { type Settings, settle } from '../config/settings.ts';
import { findProject } from '../project/project.ts';
import type { Context } from './context.ts';

/** What flags, environment and mvm.toml say of the project around the working directory. */
export async function projectSettings(
  context: Context,
  flags: { flake?: string; profile?: string; nixpkgs?: string },
): Promise<{ settings: Settings; base: string }> {
  const project = await findProject(context.cwd);
  const file = project.configFile === undefined ? undefined : await readProjectConfig(project.configFile);
  const { flake, profile, nixpkgs } = flags;
  const choices = {
    ...(flake === undefined ? {} : { flake }),
    ...(profile === undefined ? {} : { profile }),
    ...(nixpkgs === undefined ? {} : { nixpkgs }),
  };
  return { settings: settle(choices, context.env, file), base: project.dir };
}
