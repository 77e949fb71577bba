import { defineCommand } from '../command.ts';
import { vmName } from '../complete-values.ts';
import { stopAndTell } from '../stop-and-tell.ts';

export const stop = defineCommand<{ force: boolean }>({
  name: 'stop',
  summary: 'stop a VM',
  description:
    'Stops a VM: its processes are asked to end, its disk is written, it powers off. Without a name: the VM of this project.',
  arguments: [{ name: 'vm', description: "the VM; without it, this project's", complete: vmName }],
  options: [{ flags: '-f, --force', description: "don't ask the guest; unwritten data is lost" }],
  examples: [
    ['mvmctl stop demo', 'stop the VM demo'],
    ['mvmctl stop --force demo', 'end it at once'],
  ],
  async run(context, { arguments: [name], options }) {
    const { findVm } = await import('../../vm/find.ts');
    const vm = await findVm(context.paths, context.cwd, name);
    await stopAndTell(context, vm.name, options.force === true);
    return 0;
  },
});
