import { vmArgument } from '../arguments/vm-argument.ts';
import { defineCommand } from '../program/command.ts';
import { stopAndTell } from '../stop-and-tell.ts';

export const stop = defineCommand<{ force: boolean }>({
  name: 'stop',
  aliases: ['down'],
  summary: 'stop a VM',
  description:
    "Stop a VM: send its entrypoint and services their stop signals, give them the time they need, write its disk, and power it off. Without a name, stop this project's running VM.",
  arguments: [vmArgument],
  options: [
    {
      flags: '--force',
      aliases: ['-f'],
      description: 'stop without asking the guest; what it has not yet written to its disk is lost',
    },
  ],
  examples: [
    ['mvmctl stop', "stop this project's VM"],
    ['mvmctl stop demo', 'stop the VM demo'],
    ['mvmctl stop --force demo', 'stop it at once'],
  ],
  async run(context, { arguments: [name], options }) {
    const { findOnlyVm } = await import('../../vm/state/find.ts');
    const vm = await findOnlyVm(context.paths, context.cwd, name);
    await stopAndTell(context, vm.name, options.force === true);
    return 0;
  },
});
