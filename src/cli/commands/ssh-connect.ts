import { defineCommand } from '../program/command.ts';

/** What ssh-proxy runs where a VM's companion leads to no SSH server yet. */
export const sshConnect = defineCommand<object>({
  name: 'ssh-connect',
  summary: "carry a connection of ssh to a VM's server",
  hidden: true,
  rest: { name: 'HOST', description: "the VM's name behind mvm-" },
  examples: [['mvmctl ssh-connect -- mvm-demo', 'run by ssh as its ProxyCommand']],
  async run(context, { rest: [host = ''] }) {
    const { MvmError } = await import('../../errors/mvm-error.ts');
    const { hostPrefix } = await import('../../ssh/files.ts');
    const { findRunningVm } = await import('../../vm/state/find.ts');
    const { openSsh } = await import('../attach/ssh.ts');
    const { carry } = await import('../attach/carry.ts');
    if (!host.startsWith(hostPrefix))
      throw new MvmError('USAGE', `'${host}' does not begin with ${hostPrefix}.`);
    const vm = await findRunningVm(context.paths, '/', host.slice(hostPrefix.length));
    await openSsh(context, vm);
    context.endProgress();
    context.takeSignals();
    await carry(context, vm);
    return 0;
  },
});
