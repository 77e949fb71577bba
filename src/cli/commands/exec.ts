import { agentFlag } from '../arguments/agent-flag.ts';
import { parseEnv } from '../arguments/values.ts';
import { vmArgument } from '../arguments/vm-argument.ts';
import type { ExecFlags } from '../attach/exec-in-vm.ts';
import { defineCommand } from '../program/command.ts';

/** How a program is run in a VM. */
export const programFlags = [
  { flags: '-i, --interactive', description: 'pass on standard input' },
  { flags: '-t, --tty', description: 'give the command a terminal' },
  {
    flags: '-e, --env <KEY=VALUE>',
    description: 'set a variable (KEY alone: use its value on this host)',
    parse: parseEnv,
  },
  { flags: '-w, --workdir <dir>', description: 'start in this folder' },
  { flags: '-u, --user <user>', description: 'run as this user (name or number); root unless given' },
] as const;

export const exec = defineCommand<ExecFlags>({
  name: 'exec',
  summary: 'run a command in a VM',
  description:
    'Run a command in a VM, passing on its stdout, stderr and exit status (127: no such program, 126: not executable, 128+n: ended by signal n).',
  arguments: [vmArgument],
  options: [...programFlags, agentFlag],
  rest: { name: 'CMD…', description: 'the command to run' },
  examples: [
    ['mvmctl exec -- uname -a', "run it in this project's VM"],
    ['mvmctl exec demo -it -- vi /etc/hosts', 'run it with a terminal, in the VM demo'],
    ['mvmctl exec -i -- sh < script.sh', 'run a script of this host in it'],
  ],
  async run(context, { arguments: [name], options, rest }) {
    const { findRunningVm } = await import('../../vm/state/find.ts');
    const { requireAccessible } = await import('../../vm/images/accessible.ts');
    const vm = await findRunningVm(context.paths, context.cwd, name);
    requireAccessible(vm, 'exec');
    const { execInVm } = await import('../attach/exec-in-vm.ts');
    return execInVm(context, vm, rest, options);
  },
});
