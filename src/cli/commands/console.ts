import { MvmError } from '../../errors/mvm-error.ts';
import { agentFlag } from '../arguments/agent-flag.ts';
import { vmArgument } from '../arguments/vm-argument.ts';
import { defineCommand } from '../program/command.ts';

interface Options {
  sshAgent: boolean;
}

export const consoleCommand = defineCommand<Options>({
  name: 'console',
  aliases: ['shell', 'dev shell', 'dev console'],
  summary: "attach to a VM's shell, with its screen",
  description:
    "Attach the terminal to the VM's running shell and restore its screen. If the last shell has ended, start a new one. Several terminals can be attached at once. Set MVM_DETACH_KEYS to change the keys that detach.",
  arguments: [vmArgument],
  options: [agentFlag],
  examples: [
    ['mvmctl console', "open the shell of this project's VM"],
    ['mvmctl console demo', 'open the shell of the VM demo'],
  ],
  async run(context, { arguments: [name], options }) {
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
    if (options.sshAgent !== true) return (await attach(context, vm)).status;
    const { agentVariable, lendAgent } = await import('../attach/lend-agent.ts');
    const lent = await lendAgent(context, vm, 'root', 'held');
    const env = agentVariable('root');
    if (vm.boot.env.SSH_AUTH_SOCK !== env.SSH_AUTH_SOCK) {
      const text = `In a shell that ran before: export SSH_AUTH_SOCK=${env.SSH_AUTH_SOCK}`;
      context.emit({ type: 'note', level: 'info', text });
    }
    const boot = { ...vm.boot, env: { ...vm.boot.env, ...env } };
    return (await attach(context, { ...vm, boot }).finally(lent.end)).status;
  },
});
