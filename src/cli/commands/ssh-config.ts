import { vmArgument } from '../arguments/vm-argument.ts';
import { print } from '../context.ts';
import { defineCommand } from '../program/command.ts';

interface Options {
  install: boolean;
  uninstall: boolean;
}

export const sshConfig = defineCommand<Options>({
  name: 'ssh-config',
  summary: 'let ssh, editors, rsync and git reach VMs',
  description:
    "Print the configuration with which ssh reaches a VM as mvm-NAME. With --install, ~/.ssh/config includes one for all VMs, even those made later: 'ssh mvm-NAME', VS Code, JetBrains, rsync, git and Ansible can then connect.",
  arguments: [vmArgument],
  options: [
    { flags: '--install', description: 'include the configuration for all VMs in ~/.ssh/config' },
    { flags: '--uninstall', aliases: ['--remove'], description: 'take it out of ~/.ssh/config' },
  ],
  examples: [
    ['mvmctl ssh-config --install', 'then: ssh mvm-NAME, rsync -a . mvm-NAME:src, git clone mvm-NAME:repo'],
    ['mvmctl ssh-config demo > demo.conf', 'for another program, for example ssh -F demo.conf mvm-demo'],
  ],
  async run(context, { arguments: [name], options }) {
    if (options.install === true || options.uninstall === true) {
      const { MvmError } = await import('../../errors/mvm-error.ts');
      if (name !== undefined || options.install === options.uninstall)
        throw new MvmError('USAGE', 'ssh-config takes --install or --uninstall, for all VMs, or a VM.', {
          hint: 'mvmctl ssh-config --install',
        });
      const { installSsh, uninstallSsh } = await import('../attach/install-ssh.ts');
      await (options.install === true ? installSsh(context) : uninstallSsh(context));
      return 0;
    }
    const { findVm } = await import('../../vm/state/find.ts');
    const { configOf } = await import('../attach/ssh.ts');
    const { requireAccessible } = await import('../../vm/images/accessible.ts');
    const vm = await findVm(context.paths, context.cwd, name);
    if (vm.boot !== undefined) requireAccessible({ name: vm.name, boot: vm.boot }, 'ssh');
    await print(context, await configOf(context.paths, vm));
    return 0;
  },
});
