import { vmArgument } from '../arguments/vm-argument.ts';
import { printJson } from '../context.ts';
import { defineCommand } from '../program/command.ts';
import { describeVm } from '../render/describe-vm.ts';
import { printVm } from '../render/print-vm.ts';

export const devStatus = defineCommand<{ json: boolean }>({
  name: 'dev status',
  summary: "show this project's dev VM",
  description:
    "Show this project's dev VM, or the one named. The same as 'inspect', except that it is not an error if the project has no VM.",
  arguments: [vmArgument],
  options: [{ flags: '--json', description: 'print as JSON; null if there is no VM' }],
  examples: [
    ['mvmctl dev status', 'see whether it is running, its size, and where its disk is'],
    ['mvmctl dev status --json', 'print the same for a script'],
  ],
  async run(context, { arguments: [name], options }) {
    const { findProjectVm, findVm } = await import('../../vm/state/find.ts');
    const { paths, cwd } = context;
    const vm = name === undefined ? await findProjectVm(paths, cwd, 'dev') : await findVm(paths, cwd, name);
    if (options.json === true) {
      const { conditionOf } = await import('../../vm/condition/condition.ts');
      const shown = vm && describeVm(vm, await conditionOf(vm, context.signal));
      await printJson(context, shown ?? null);
    } else if (vm === undefined) {
      context.emit({
        type: 'note',
        level: 'info',
        text: 'This project has no VM yet. Start it: mvmctl dev up',
      });
    } else {
      await printVm(context, vm);
    }
    return 0;
  },
});
