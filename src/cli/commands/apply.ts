import { MvmError } from '../../errors/mvm-error.ts';
import type { ShownChange } from '../../share/overlay/changes/shown-change.ts';
import { changesPaths, vmOption } from '../arguments/changes.ts';
import { print, printJson } from '../context.ts';
import { defineCommand } from '../program/command.ts';

export const apply = defineCommand<{
  interactive: boolean;
  includeProtected: boolean;
  json: boolean;
  vm: string;
}>({
  name: 'apply',
  summary: "bring a VM's changes to the folder on this host",
  description:
    'Bring what the VM changed of a folder that it shows as an overlay to the host: all of it or, if anything fails, none. Nothing is applied if the host changed one of the files meanwhile. Files that the host runs or reads by itself, such as git hooks, are left out unless asked for.',
  arguments: [changesPaths],
  options: [
    { flags: '-i, --interactive', description: 'ask about each change' },
    { flags: '--include-protected', description: 'apply changes of protected files too' },
    { flags: '--json', description: 'print as JSON' },
    vmOption,
  ],
  examples: [
    ['mvmctl apply', 'all changes'],
    ['mvmctl apply src test', 'those in two folders'],
    ['mvmctl apply --interactive', 'choose'],
  ],
  async run(context, { arguments: paths, options }) {
    const { findDevVm } = await import('../../vm/state/find.ts');
    const { changeOverlay, findOverlays, lookAtOverlay } = await import('../../vm/overlays.ts');
    const { isOf } = await import('../../share/overlay/changes/differences.ts');
    const { shownChange } = await import('../../share/overlay/changes/shown-change.ts');
    const { changeLines } = await import('../render/changes.ts');
    const { wantsColor } = await import('../render/progress.ts');
    const { asker } = await import('../up/ask.ts');
    const vm = await findDevVm(context.paths, context.cwd, options.vm);
    const overlays = await findOverlays(
      vm,
      context.cwd,
      paths.filter((path) => path !== undefined),
    );
    const { ask } = asker(context);
    if (options.interactive === true && ask === undefined)
      throw new MvmError('NOT_A_TERMINAL', 'mvmctl apply --interactive asks its questions on a terminal.', {
        hint: 'mvmctl apply PATH…',
      });
    const color = wantsColor(context.stdout, context.env);
    const done: ShownChange[] = [];
    const kept: ShownChange[] = [];
    for (const overlay of overlays) {
      let chosen = overlay.paths;
      if (options.interactive === true && ask !== undefined) {
        const list = await lookAtOverlay(overlay, (open) => open.differences().list);
        chosen = [];
        for (const one of list) {
          if (overlay.paths !== undefined && !isOf(one, overlay.paths)) continue;
          if (await ask(`${changeLines([shownChange(one)], color)}\nApply it?`)) chosen.push([...one.path]);
        }
        if (chosen.length === 0) continue;
      }
      const { includeProtected = false } = options;
      const result = await changeOverlay(
        vm,
        overlay,
        { action: 'apply', paths: chosen, includeProtected },
        context.signal,
      );
      done.push(...result.done);
      kept.push(...result.kept);
    }
    if (options.json === true) {
      await printJson(context, { applied: done, kept });
      return 0;
    }
    if (done.length > 0) await print(context, changeLines(done, color));
    else context.emit({ type: 'note', level: 'info', text: 'There is nothing to apply.' });
    if (kept.length > 0) {
      const text = `Not applied, since the host runs or reads such files by itself: ${kept.map(({ path }) => path).join(', ')}. To apply them too: mvmctl apply --include-protected`;
      context.emit({ type: 'note', level: 'warn', text });
    }
    return 0;
  },
});
