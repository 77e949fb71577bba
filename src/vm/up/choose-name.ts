import { realpath } from 'node:fs/promises';
import type { Sourced } from '../../config/settings.ts';
import { MvmError } from '../../errors/mvm-error.ts';
import type { Emit } from '../../events/events.ts';
import { type Project, projectVmName } from '../../project/project.ts';
import type { Paths } from '../../state/paths.ts';
import { findProjectVm } from '../state/find.ts';
import { kinds } from '../state/kind.ts';
import { listVms } from '../state/list.ts';
import { checkName, type VmKind } from '../state/record.ts';
import { loadVm } from '../state/vm.ts';

const longest = 32;
const suffix: Readonly<Record<VmKind, string>> = { dev: '', up: '-up' };

/** A name and what is put behind it, together no longer than a name may be. */
const joined = (name: string, end: string): string =>
  `${name.slice(0, longest - end.length).replace(/-+$/, '')}${end}`;

/**
 * The name of the VM that `dev up` or `up` is about. The project's own VM keeps the name it has; a new one gets
 * the name in mvm.toml, else one made from the folder's; that of `up` has `-up` behind it. Throws CONFIG_INVALID
 * where mvm.toml names another project's VM, USAGE for a `--name` that can't be one, VM_BROKEN where one of these names
 * is that of a VM whose record is lost: it may be this project's, and a new one would hide it.
 */
export async function chooseName(
  kind: VmKind,
  project: Project,
  configured: Sourced<string> | undefined,
  options: { name?: string | undefined; paths: Paths; emit: Emit; env: NodeJS.ProcessEnv },
): Promise<string> {
  if (options.name !== undefined) return named(options.name, project, options);
  const wanted = configured && { ...configured, value: joined(configured.value, suffix[kind]) };
  const own = await findProjectVm(options.paths, project.dir, kind);
  if (own !== undefined) {
    if (wanted !== undefined && wanted.value !== own.name) {
      options.emit({
        type: 'note',
        level: 'warn',
        text: `${wanted.source} says name = "${configured?.value}", but this project's VM was created as '${own.name}' and keeps that name. To create a new VM, and lose what is on its disk: mvmctl rm ${own.name}`,
      });
    }
    return own.name;
  }
  await noteBroken(options);
  const isFree = async (name: string) => {
    const taken = await loadVm(options.paths, name);
    if (taken?.record === undefined && taken?.problem !== undefined) throw taken.problem;
    return taken === undefined || (taken.record?.defaultOf === project.dir && taken.record.kind === kind);
  };
  if (wanted !== undefined) {
    if (await isFree(wanted.value)) return wanted.value;
    throw await takenBy(wanted, options.paths);
  }
  const base = projectVmName(project);
  await refuseNoProject(kind, project, joined(base, suffix[kind]), options.env);
  for (let number = 1; ; number++) {
    const name = joined(base, `${suffix[kind]}${number === 1 ? '' : `-${number}`}`);
    if (await isFree(name)) return name;
  }
}

/** A name that is given may be that of another project's VM: then it is that VM, run with what is declared here. */
async function named(
  name: string,
  { dir }: Project,
  { paths, emit }: { paths: Paths; emit: Emit },
): Promise<string> {
  const found = await loadVm(paths, checkName(name));
  const other = found?.record?.project;
  if (other !== undefined && other !== dir) {
    const text = `VM '${name}' was created in ${other}; it now starts with the settings and the image of ${dir}.`;
    emit({ type: 'note', level: 'warn', text });
  }
  return name;
}

/** Nobody wants to make a project of their home folder or of the whole disk. */
async function refuseNoProject(
  kind: VmKind,
  { dir, configFile }: Project,
  name: string,
  { HOME }: NodeJS.ProcessEnv,
): Promise<void> {
  if (configFile !== undefined) return;
  const isHome = HOME !== undefined && (await realpath(HOME).catch(() => HOME)) === dir;
  if (dir !== '/' && !isHome) return;
  const what = isHome ? 'your home folder' : 'the root folder';
  throw new MvmError('USAGE', `${dir} is ${what}, not a project: this would create a VM '${name}' for it.`, {
    hint: `mvmctl ${kinds[kind].command} --name NAME   (or run the same command in a project's folder)`,
  });
}

/** Any VM whose record is lost may have been this project's. */
async function noteBroken({ paths, emit }: { paths: Paths; emit: Emit }): Promise<void> {
  for (const { name, record, problem } of await listVms(paths)) {
    if (record !== undefined || problem === undefined) continue;
    const text = `VM '${name}' is broken, so it may or may not be this project's: ${problem.message}`;
    emit({ type: 'note', level: 'warn', text });
  }
}

async function takenBy({ value, source }: Sourced<string>, paths: Paths): Promise<MvmError> {
  const taken = await loadVm(paths, value);
  const whose = taken?.record === undefined ? '' : ` of ${taken.record.project}`;
  return new MvmError('CONFIG_INVALID', `${source}: there is already a VM '${value}'${whose}.`, {
    hint: `choose another name, or: mvmctl rm ${value}`,
  });
}
