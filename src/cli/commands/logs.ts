import { defineCommand } from '../command.ts';
import { vmName } from '../complete-values.ts';

export const logs = defineCommand<{ follow: boolean }>({
  name: 'logs',
  summary: "print what a VM's kernel and agent said",
  description:
    "Prints the VM's serial console of its current or last boot: the kernel's and the agent's messages.",
  arguments: [{ name: 'vm', description: "the VM; without it, this project's", complete: vmName }],
  options: [{ flags: '-f, --follow', description: 'go on until the VM stops or Ctrl-C' }],
  examples: [
    ['mvmctl logs', "this project's VM"],
    ['mvmctl logs -f demo', 'watch it'],
  ],
  async run(context, { arguments: [name], options }) {
    const { findVm } = await import('../../vm/find.ts');
    const { followLog } = await import('../../vm/follow-log.ts');
    const vm = await findVm(context.paths, context.cwd, name);
    context.endProgress();
    await followLog(vm, context.stdout, { follow: options.follow === true, signal: context.signal });
    return 0;
  },
});
