import { MvmError } from '../../errors/mvm-error.ts';
import { execInGuest } from '../../guest/exec/exec.ts';
import { followOnNotice } from '../../vm/condition/follow-on-notice.ts';
import { guestAccess } from '../../vm/condition/guest.ts';
import type { RunningVm } from '../../vm/state/vm.ts';
import type { Context } from '../context.ts';

/** How a program is run in a VM, as flags say. */
export interface ExecFlags {
  interactive: boolean;
  tty: boolean;
  env: Record<string, string>;
  workdir: string;
  user: string;
  sshAgent: boolean;
}

/**
 * Runs a program in a VM with this terminal's streams. Throws NOT_A_TERMINAL, and what `execInGuest` throws.
 * @returns its exit status
 */
export async function execInVm(
  context: Context,
  vm: RunningVm,
  argv: readonly string[],
  options: Partial<ExecFlags>,
): Promise<number> {
  const tty = options.tty === true;
  if (tty && !context.stdout.isTTY) {
    throw new MvmError('NOT_A_TERMINAL', 'exec -t needs a terminal on standard output.', {
      hint: 'leave out -t',
    });
  }
  // The terminal is the guest's: a warning goes where it breaks least.
  const notice =
    tty && options.interactive === true
      ? (await import('./terminal-notice.ts')).noticeOnTerminal(context.stdout, 'Ctrl-] twice leaves')
      : undefined;
  const follow = followOnNotice(vm, context.emit);
  const lent = options.sshAgent === true ? await lend(context, vm, options.user) : undefined;
  const guest = { ...guestAccess(vm, notice?.emit ?? context.emit), ...follow.access };
  context.endProgress();
  const { status } = await execInGuest(guest, {
    argv,
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
}

async function lend(context: Context, vm: RunningVm, asked: string | undefined) {
  const { agentVariable, lendAgent, nameOfUser } = await import('./lend-agent.ts');
  const user = nameOfUser(asked);
  return { ...(await lendAgent(context, vm, user, 'held')), env: agentVariable(user) };
}
