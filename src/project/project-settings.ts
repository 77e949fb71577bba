import { readProjectConfig } from '../config/project-config.ts';
import { type Flags, type Settings, settle } from '../config/settings.ts';
import { findProject, type Project } from './project.ts';

/**
 * The project around a folder, and what flags, environment and its mvm.toml say. Throws CONFIG_INVALID with the place.
 */
export async function projectSettings(
  cwd: string,
  flags: Flags,
  env: NodeJS.ProcessEnv,
): Promise<{ project: Project; settings: Settings }> {
  const project = await findProject(cwd);
  const file = project.configFile === undefined ? undefined : await readProjectConfig(project.configFile);
  return { project, settings: settle(flags, env, file) };
}
