import { changesPaths, vmOption } from '../arguments/changes.ts';
import { print, printJson } from '../context.ts';
import { defineCommand } from '../program/command.ts';

export const changes = defineCommand<{ diff: boolean; json: boolean; vm: string }>({
  name: 'changes',
  summary: 'list what a VM changed of a folder that it may not write to',
  description:
    'List what the VM changed of a folder of this host that it shows as an overlay: added (A), modified (M), deleted (D), renamed (R), or of another type (T). None of it is on the host before mvmctl apply. A change of a file that the host changed meanwhile is marked as a conflict.',
  arguments: [changesPaths],
  options: [
    { flags: '--diff', description: 'show what changed in the files' },
    { flags: '--json', description: 'print as JSON' },
    vmOption,
  ],
  examples: [
    ['mvmctl changes', "what this project's VM changed"],
    ['mvmctl changes --diff src', 'what it changed in the files of src'],
  ],
  async run(context, { arguments: paths, options }) {
    const { findDevVm } = await import('../../vm/state/find.ts');
    const { findOverlays, lookAtOverlay } = await import('../../vm/overlays.ts');
    const { isOf } = await import('../../share/overlay/changes/differences.ts');
    const { shownChange } = await import('../../share/overlay/changes/shown-change.ts');
    const { changeLines } = await import('../render/changes.ts');
    const { changeDiff } = await import('../render/change-diff.ts');
    const { wantsColor } = await import('../render/progress.ts');
    const vm = await findDevVm(context.paths, context.cwd, options.vm);
    const overlays = await findOverlays(
      vm,
      context.cwd,
      paths.filter((path) => path !== undefined),
    );
    const color = wantsColor(context.stdout, context.env);
    const shown = [];
    for (const overlay of overlays) {
      const { host, guest } = overlay.share;
      const { list, diffs } = await lookAtOverlay(overlay, async (open) => {
        const list = open
          .differences()
          .list.filter((one) => overlay.paths === undefined || isOf(one, overlay.paths));
        const diffs: string[] = [];
        const isTerminal = context.stdout.isTTY === true;
        if (options.diff)
          for (const one of list) diffs.push(await changeDiff(open, one, { color, isTerminal }));
        return { list: list.map(shownChange), diffs };
      });
      shown.push({ host, guest, changes: list });
      if (options.json === true || list.length === 0) continue;
      await print(context, options.diff ? diffs.join('') : changeLines(list, color));
    }
    if (options.json === true) await printJson(context, shown);
    else if (shown.every((one) => one.changes.length === 0)) {
      const text = `${vm.name} has no changes that are not on the host.`;
      context.emit({ type: 'note', level: 'info', text });
    }
    return 0;
  },
});
