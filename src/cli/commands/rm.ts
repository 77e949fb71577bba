import { vmName } from '../arguments/complete-values.ts';
import { defineCommand } from '../program/command.ts';

export const rm = defineCommand<{ force: boolean }>({
  name: 'rm',
  summary: 'remove a stopped VM and its disk',
  arguments: [{ name: 'vm', description: 'the VM', required: true, complete: vmName }],
  options: [
    { flags: '--force', aliases: ['-f'], description: 'stop the VM first; also remove a damaged VM' },
  ],
  examples: [
    ['mvmctl rm demo', 'remove the VM demo and everything in it'],
    ['mvmctl rm --force demo', 'remove it even while it is running'],
  ],
  async run(context, { arguments: [name], options }) {
    const { findVm } = await import('../../vm/state/find.ts');
    const { removeVm } = await import('../../vm/remove.ts');
    const vm = await findVm(context.paths, context.cwd, name);
    await removeVm(context.paths, vm.name, { ...context, force: options.force === true });
    context.emit({ type: 'note', level: 'info', text: `${vm.name} and its disk have been removed.` });
    return 0;
  },
});
