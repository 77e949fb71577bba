import { MvmError } from '../../errors/mvm-error.ts';
import { vmArgument } from '../arguments/vm-argument.ts';
import { defineCommand } from '../program/command.ts';

export const consoleCommand = defineCommand<object>({
  name: 'console',
  aliases: ['shell', 'dev shell', 'dev console'],
  summary: "attach to a VM's shell, with its screen",
  description:
    "Attach the terminal to the VM's running shell and restore its screen. If the last shell has ended, start a new one. Several terminals can be attached at once. Set MVM_DETACH_KEYS to change the keys that detach.",
  arguments: [vmArgument],
  examples: [
    ['mvmctl console', "open the shell of this project's VM"],
    ['mvmctl console demo', 'open the shell of the VM demo'],
  ],
  async run(context, { arguments: [name] }) {
    const { findRunningVm } = await import('../../vm/state/find.ts');
    const { requireAccessible } = await import('../../vm/images/accessible.ts');
    const vm = await findRunningVm(context.paths, context.cwd, name);
    requireAccessible(vm, 'console');
    if (!context.stdin.isTTY || !context.stdout.isTTY) {
      throw new MvmError('NOT_A_TERMINAL', 'console needs a terminal on standard input and output.', {
        hint: `mvmctl exec ${vm.name} -- sh -c '…'   (for scripts)`,
      });
    }
    const { attach } = await import('../attach/attach.ts');
    return (await attach(context, vm)).status;
  },
});
