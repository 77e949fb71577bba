import { vmArgument } from '../arguments/vm-argument.ts';
import { defineCommand } from '../program/command.ts';
import { stopAndTell } from '../stop-and-tell.ts';

export const devDown = defineCommand<{ force: boolean; name: string }>({
  name: 'dev down',
  summary: "stop this project's dev VM",
  description: "Stop this project's dev VM. Its files are still there after the next 'dev up'.",
  arguments: [vmArgument],
  options: [
    {
      flags: '--force',
      aliases: ['-f'],
      description: 'stop without asking the guest; what it has not yet written to its disk is lost',
    },
    { flags: '--name <name>', description: 'the same as the argument', hidden: true },
  ],
  examples: [
    ['mvmctl dev down', "stop this project's dev VM"],
    ['mvmctl dev down arm', 'stop the VM arm'],
  ],
  async run(context, { arguments: [name], options }) {
    const { findDevVm } = await import('../../vm/state/find.ts');
    const vm = await findDevVm(context.paths, context.cwd, name ?? options.name);
    await stopAndTell(context, vm.name, options.force === true);
    return 0;
  },
});
