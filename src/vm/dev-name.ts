import type { Sourced } from '../config/settings.ts';
import { MvmError } from '../errors/mvm-error.ts';
import type { Emit } from '../events/events.ts';
import { type Project, projectVmName } from '../project/project.ts';
import type { Paths } from '../state/paths.ts';
import { findDevVm } from './find.ts';
import { checkName } from './record.ts';
import { loadVm } from './vm.ts';

/**
 * The name of the VM that `dev up` is about. The project's own VM keeps the name it has; a new one gets the
 * name in mvm.toml, else one made from the folder's. Throws CONFIG_INVALID where mvm.toml names another
 * project's VM, USAGE for a `--name` that can't be one.
 */
export async function chooseDevName(
  project: Project,
  configured: Sourced<string> | undefined,
  options: { name?: string; paths: Paths; emit: Emit },
): Promise<string> {
  if (options.name !== undefined) return checkName(options.name);
  const own = await findDevVm(options.paths, project.dir);
  if (own !== undefined) {
    if (configured !== undefined && configured.value !== own.name) {
      options.emit({
        type: 'note',
        level: 'warn',
        text: `${configured.source} says name = "${configured.value}", but this project's VM was made as '${own.name}' and keeps that name. To make it anew, without what is on its disk: mvmctl rm ${own.name}`,
      });
    }
    return own.name;
  }
  if (configured !== undefined) return free(configured, project, options.paths);
  const base = projectVmName(project);
  for (let number = 1; ; number++) {
    const name = number === 1 ? base : `${base.slice(0, 28)}-${number}`;
    const taken = await loadVm(options.paths, name);
    if (taken === undefined || taken.record?.defaultOf === project.dir) return name;
  }
}

async function free({ value, source }: Sourced<string>, project: Project, paths: Paths): Promise<string> {
  const taken = await loadVm(paths, value);
  if (taken === undefined || taken.record?.defaultOf === project.dir) return value;
  const whose = taken.record === undefined ? '' : ` of ${taken.record.project}`;
  throw new MvmError('CONFIG_INVALID', `${source}: there is a VM '${value}'${whose} already.`, {
    hint: `choose another name, or: mvmctl rm ${value}`,
  });
}
