import { defineCommand } from '../command.ts';
import { stopAndTell } from '../stop-and-tell.ts';
import { vmArgument } from '../vm-argument.ts';

export const stop = defineCommand<{ force: boolean }>({
  name: 'stop',
  aliases: ['down'],
  summary: 'stop a VM',
  description:
    'Stops a VM: its entrypoint and services get their stop signals and times, its disk is written, it powers off. Without a name: the VM of this project that runs.',
  arguments: [vmArgument],
  options: [{ flags: '-f, --force', description: "don't ask the guest; unwritten data is lost" }],
  examples: [
    ['mvmctl stop', 'stop the VM of this project'],
    ['mvmctl stop demo', 'stop the VM demo'],
    ['mvmctl stop --force demo', 'end it at once'],
  ],
  async run(context, { arguments: [name], options }) {
    const { findOnlyVm } = await import('../../vm/find.ts');
    const vm = await findOnlyVm(context.paths, context.cwd, name);
    await stopAndTell(context, vm.name, options.force === true);
    return 0;
  },
});
