import { defineCommand } from '../command.ts';
import { printJson } from '../context.ts';
import { describeVm } from '../describe-vm.ts';
import { printVm } from '../print-vm.ts';

export const devStatus = defineCommand<{ json: boolean }>({
  name: 'dev status',
  summary: "show this project's VM",
  options: [{ flags: '--json', description: 'as JSON; null where there is none' }],
  examples: [
    ['mvmctl dev status', 'is it running, how big is it, where is its disk'],
    ['mvmctl dev status --json', 'for a script'],
  ],
  async run(context, { options }) {
    const { findProjectVm } = await import('../../vm/find.ts');
    const vm = await findProjectVm(context.paths, context.cwd, 'dev');
    if (options.json === true) {
      const { conditionOf } = await import('../../vm/condition.ts');
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
