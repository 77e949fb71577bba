import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export interface Project {
  /** The real path of the project's folder. */
  dir: string;
  /** Its `mvm.toml` or `Mvmfile.toml`, where there is one. */
  configFile: string | undefined;
  /** Both exist, which must be a mistake. */
  secondFile?: string;
}

/** The names that a file with settings may have. */
export const configNames: readonly string[] = ['mvm.toml', 'Mvmfile.toml'];

/** The nearest folder upwards with an `mvm.toml` (or `Mvmfile.toml`), else the working directory itself. */
export async function findProject(cwd: string): Promise<Project> {
  const start = realpathSync.native(cwd);
  for (let dir = start; ; dir = dirname(dir)) {
    const [configFile, secondFile] = configNames.map((name) => join(dir, name)).filter(isThere);
    if (configFile !== undefined) return { dir, configFile, ...(secondFile && { secondFile }) };
    if (dirname(dir) === dir) return { dir: start, configFile: undefined };
  }
}

/** Also true of a link that leads nowhere: a project whose settings can't be read is not one without any. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/**
 * A flake that lies in a project's folder although no mvm.toml names one; it is never built unasked. That of a clone of
 * mvm declares no image of a project.
 */
export async function bareFlake(project: Project): Promise<string | undefined> {
  if (project.configFile !== undefined) return undefined;
  const file = join(project.dir, 'flake.nix');
  const isMvm = existsSync(join(project.dir, 'nix/lib/mk-guest.nix'));
  return existsSync(file) && !isMvm ? file : undefined;
}

/** A VM name made from the folder's: lower case, `a-z0-9-`, at most 32 characters. */
export function projectVmName(project: Project): string {
  const slug = basename(project.dir)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 32)
    .replace(/-+$/, '');
  return slug === '' ? 'dev' : slug;
}
