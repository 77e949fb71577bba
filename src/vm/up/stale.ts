import type { Settings } from '../../config/settings.ts';
import type { Project } from '../../project/project.ts';
import { startCommand } from '../state/kind.ts';
import type { RunningVm } from '../state/vm.ts';
import type { UpOptions } from './request.ts';

/** As many changed files are named. */
const few = 3;

/**
 * Says what changed in the project since the image of a running VM was built. A user at a terminal is asked whether
 * to restart it; otherwise a note says how.
 */
export async function wantsRestart(
  vm: RunningVm,
  project: Project,
  settings: Settings,
  { kind, build, emit, ask }: UpOptions,
): Promise<boolean> {
  const { source, arch, image } = vm.boot;
  if (source === undefined || build === undefined) return false;
  const changed = await build.changes({ kind, project, settings, arch }, source, image);
  if (changed.length === 0) return false;
  const rest = changed.length > few ? ` and ${changed.length - few} more` : '';
  const names = `${changed.slice(0, few).join(', ')}${rest}`;
  const text = `${names} changed since the image of '${vm.name}' was built.`;
  if (ask === undefined) {
    const restart = `${startCommand(vm.record, project.dir)} --restart`;
    emit({ type: 'note', level: 'warn', text: `${text} To use the changes: ${restart}` });
    return false;
  }
  emit({ type: 'note', level: 'warn', text });
  return ask(`Restart '${vm.name}' with the new image? This stops what is running in it.`);
}
