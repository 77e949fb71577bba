import { vmArgument } from '../arguments/vm-argument.ts';
import { defineCommand } from '../program/command.ts';
import { stopAndTell } from '../stop-and-tell.ts';

export const stop = defineCommand<{ force: boolean }>({
  name: 'stop',
  aliases: ['down'],
  summary: 'stop a VM',
  description:
    'Stop a VM: its entrypoint and services get their stop signals and the time they need, its disk is written, and it powers off. Without a name, stop the VM of this project that is running.',
  arguments: [vmArgument],
  options: [
    {
      flags: '--force',
      aliases: ['-f'],
      description: "don't ask the guest; what it has not written to its disk is lost",
    },
  ],
  examples: [
    ['mvmctl stop', 'stop the VM of this project'],
    ['mvmctl stop demo', 'stop the VM demo'],
    ['mvmctl stop --force demo', 'end it at once'],
  ],
  async run(context, { arguments: [name], options }) {
    const { findOnlyVm } = await import('../../vm/state/find.ts');
    const vm = await findOnlyVm(context.paths, context.cwd, name);
    await stopAndTell(context, vm.name, options.force === true);
    return 0;
  },
});
