import { MvmError } from '../../errors/mvm-error.ts';
import type { ShownChange } from '../../share/overlay/changes/shown-change.ts';
import { changesPaths, vmOption } from '../arguments/changes.ts';
import { print, printJson } from '../context.ts';
import { defineCommand } from '../program/command.ts';

export const discard = defineCommand<{ all: boolean; json: boolean; vm: string }>({
  name: 'discard',
  summary: "give up a VM's changes, so that it sees the host's files again",
  description:
    'Give up what the VM changed of a folder that it shows as an overlay; it then sees the files of the host again. This can’t be undone.',
  arguments: [changesPaths],
  options: [
    { flags: '-a, --all', description: 'all changes' },
    { flags: '--json', description: 'print as JSON' },
    vmOption,
  ],
  examples: [
    ['mvmctl discard src/old.ts', 'one file'],
    ['mvmctl discard --all', 'all changes'],
  ],
  async run(context, { arguments: given, options }) {
    const { findDevVm } = await import('../../vm/state/find.ts');
    const { changeOverlay, findOverlays } = await import('../../vm/overlays.ts');
    const { changeLines } = await import('../render/changes.ts');
    const { wantsColor } = await import('../render/progress.ts');
    const paths = given.filter((path) => path !== undefined);
    if (paths.length === 0 && options.all !== true)
      throw new MvmError('USAGE', 'What is to be discarded? It can’t be undone, so name paths, or --all.', {
        hint: 'mvmctl changes',
      });
    const vm = await findDevVm(context.paths, context.cwd, options.vm);
    const done: ShownChange[] = [];
    for (const overlay of await findOverlays(vm, context.cwd, paths)) {
      const wanted = { action: 'discard' as const, paths: overlay.paths, includeProtected: true };
      done.push(...(await changeOverlay(vm, overlay, wanted, context.signal)).done);
    }
    if (options.json === true) await printJson(context, { discarded: done });
    else if (done.length > 0)
      await print(context, changeLines(done, wantsColor(context.stdout, context.env)));
    else context.emit({ type: 'note', level: 'info', text: 'There is nothing to discard.' });
    return 0;
  },
});
