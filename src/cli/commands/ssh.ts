import { vmArgument } from '../arguments/vm-argument.ts';
import { defineCommand } from '../program/command.ts';

interface Options {
  tty: boolean;
  forwardAgent: boolean;
}

export const ssh = defineCommand<Options>({
  name: 'ssh',
  summary: 'connect to a VM with the ssh of this host',
  description:
    "Run this host's ssh client, connected to a VM: a shell, or a command, which the VM's shell interprets. The VM needs no SSH server and no open port. For other programs to find the VM, run 'mvmctl ssh-config --install'.",
  arguments: [vmArgument],
  options: [
    { flags: '-t, --tty', description: 'give the command a terminal' },
    { flags: '-A, --forward-agent', description: "lend the VM this host's ssh-agent, as ssh -A" },
  ],
  rest: { name: 'CMD…', description: 'the command to run', optional: true },
  examples: [
    ['mvmctl ssh', "open a shell in this project's VM"],
    ['mvmctl ssh demo -- uptime', 'run a command in the VM demo'],
  ],
  async run(context, { arguments: [name], options, rest }) {
    const { findRunningVm } = await import('../../vm/state/find.ts');
    const { MvmError } = await import('../../errors/mvm-error.ts');
    const { openSsh, writeSharedConfig } = await import('../attach/ssh.ts');
    const { hostOf } = await import('../../ssh/files.ts');
    const { runAttached } = await import('../../process/attached.ts');
    const vm = await findRunningVm(context.paths, context.cwd, name);
    await openSsh(context, vm);
    const { config } = await writeSharedConfig(context.paths);
    const flags = [...(options.tty === true ? ['-t'] : []), ...(options.forwardAgent === true ? ['-A'] : [])];
    context.endProgress();
    context.takeSignals();
    return runAttached(
      ['ssh', '-F', config, ...flags, hostOf(vm.paths.dir), ...(rest.length === 0 ? [] : ['--', ...rest])],
      context.env,
      new MvmError('SETUP_NEEDED', "This host has no ssh client ('ssh' is not in PATH).", {
        hint: 'apt-get install -y --no-install-recommends openssh-client   (or your system’s package of OpenSSH)',
      }),
    );
  },
});
