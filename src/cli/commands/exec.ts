import { MvmError } from '../../errors/mvm-error.ts';
import type { RunningVm } from '../../vm/state/vm.ts';
import { agentFlag } from '../arguments/agent-flag.ts';
import { parseEnv } from '../arguments/values.ts';
import { vmArgument } from '../arguments/vm-argument.ts';
import type { Context } from '../context.ts';
import { defineCommand } from '../program/command.ts';

interface Options {
  interactive: boolean;
  tty: boolean;
  env: Record<string, string>;
  workdir: string;
  user: string;
  sshAgent: boolean;
}

export const exec = defineCommand<Options>({
  name: 'exec',
  summary: 'run a command in a VM',
  description:
    'Run a command in a VM, passing on its stdout, stderr and exit status (127: no such program, 126: not executable, 128+n: ended by signal n).',
  arguments: [vmArgument],
  options: [
    { flags: '-i, --interactive', description: 'pass on standard input' },
    { flags: '-t, --tty', description: 'give the command a terminal' },
    {
      flags: '-e, --env <KEY=VALUE>',
      description: 'set a variable (KEY alone: use its value on this host)',
      parse: parseEnv,
    },
    { flags: '-w, --workdir <dir>', description: 'start in this folder' },
    { flags: '-u, --user <user>', description: 'run as this user (name or number); root unless given' },
    agentFlag,
  ],
  rest: { name: 'CMD…', description: 'the command to run' },
  examples: [
    ['mvmctl exec -- uname -a', "run it in this project's VM"],
    ['mvmctl exec demo -it -- vi /etc/hosts', 'run it with a terminal, in the VM demo'],
    ['mvmctl exec -i -- sh < script.sh', 'run a script of this host in it'],
  ],
  async run(context, { arguments: [name], options, rest }) {
    const { findRunningVm } = await import('../../vm/state/find.ts');
    const { guestAccess } = await import('../../vm/condition/guest.ts');
    const { execInGuest } = await import('../../guest/exec/exec.ts');
    const { requireAccessible } = await import('../../vm/images/accessible.ts');
    const vm = await findRunningVm(context.paths, context.cwd, name);
    requireAccessible(vm, 'exec');
    const tty = options.tty === true;
    if (tty && !context.stdout.isTTY) {
      throw new MvmError('NOT_A_TERMINAL', 'exec -t needs a terminal on standard output.', {
        hint: 'leave out -t',
      });
    }
    // The terminal is the guest's: a warning goes where it breaks least.
    const notice =
      tty && options.interactive === true
        ? (await import('../attach/terminal-notice.ts')).noticeOnTerminal(
            context.stdout,
            'Ctrl-] twice leaves',
          )
        : undefined;
    const { followOnNotice } = await import('../../vm/condition/follow-on-notice.ts');
    const follow = followOnNotice(vm, context.emit);
    const lent = options.sshAgent === true ? await lend(context, vm, options.user) : undefined;
    const guest = { ...guestAccess(vm, notice?.emit ?? context.emit), ...follow.access };
    context.endProgress();
    const { status } = await execInGuest(guest, {
      argv: rest,
      tty,
      stdin: options.interactive === true ? context.stdin : null,
      stdout: context.stdout,
      stderr: context.stderr,
      env: { ...vm.boot.env, ...lent?.env, ...options.env },
      terminalEnv: context.env,
      signal: context.signal,
      onConnected: () => context.takeSignals(),
      ...(options.workdir === undefined ? {} : { cwd: options.workdir }),
      ...(options.user === undefined ? {} : { user: options.user }),
    }).finally(() => {
      notice?.end();
      lent?.end();
    });
    await follow.settled();
    return status;
  },
});

async function lend(context: Context, vm: RunningVm, asked: string | undefined) {
  const { agentVariable, lendAgent, nameOfUser } = await import('../attach/lend-agent.ts');
  const user = nameOfUser(asked);
  return { ...(await lendAgent(context, vm, user, 'held')), env: agentVariable(user) };
}
