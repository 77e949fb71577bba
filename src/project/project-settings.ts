import { readProjectConfig } from '../config/project-config.ts';
import { type Flags, type Settings, settle } from '../config/settings.ts';
import { MvmError } from '../errors/mvm-error.ts';
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
  const { configFile, secondFile } = project;
  if (secondFile !== undefined) {
    throw new MvmError(
      'CONFIG_INVALID',
      `${project.dir} has both mvm.toml and Mvmfile.toml, but only one of them can be used.`,
      { hint: `diff ${configFile} ${secondFile}   (then remove one of the two)` },
    );
  }
  const file = configFile === undefined ? undefined : await readProjectConfig(configFile);
  return { project, settings: settle(flags, env, file) };
}
