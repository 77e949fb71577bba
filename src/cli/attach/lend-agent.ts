import { connect } from 'node:net';
import { MvmError } from '../../errors/mvm-error.ts';
import { companionOf } from '../../vm/condition/companion.ts';
import { requireAccessible } from '../../vm/images/accessible.ts';
import type { RunningVm } from '../../vm/state/vm.ts';
import type { Context } from '../context.ts';

/** Where a user's programs in the guest reach the agent that is lent to them (guest/internal/lend). */
const socketInGuest = (user: string): string => `/run/mvm/agent-${user}.sock`;

/** What leads the guest's programs there. */
export const agentVariable = (user: string): Record<string, string> => ({
  SSH_AUTH_SOCK: socketInGuest(user),
});

/** This host's agent. Throws USAGE where there is none, or where it does not answer. */
export async function hostAgent({ env }: Context): Promise<string> {
  const path = env.SSH_AUTH_SOCK ?? '';
  const hint = 'eval "$(ssh-agent)" && ssh-add';
  if (path === '')
    throw new MvmError(
      'USAGE',
      '--ssh-agent needs an ssh-agent on this host, but SSH_AUTH_SOCK is not set.',
      {
        hint,
      },
    );
  await new Promise<void>((resolve, reject) => {
    const socket = connect({ path }, () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', (cause: NodeJS.ErrnoException) => {
      const text = `--ssh-agent needs an ssh-agent on this host, but none answers at ${path} (${cause.code}).`;
      reject(new MvmError('USAGE', text, { cause, hint }));
    });
  });
  return path;
}

/** The user's name, without the group that `exec -u` may have behind it. */
export const nameOfUser = (user: string | undefined): string => user?.split(':')[0] || 'root';

/**
 * Lends this host's agent to a user in the guest, until `end` is called, or as long as the VM runs. Throws SEALED, USAGE,
 * GUEST_REFUSED, COMPANION_FAILED.
 */
export async function lendAgent(
  context: Context,
  vm: RunningVm,
  user: string,
  how: 'held' | 'lasting',
): Promise<{ end: () => void }> {
  requireAccessible(vm, '--ssh-agent');
  const socket = await hostAgent(context);
  const companion = await companionOf(vm, context);
  try {
    await companion.ask({ ask: 'agent', socket, user, hold: how === 'held' });
  } catch (error) {
    companion.close();
    throw error;
  }
  if (how === 'lasting') companion.close();
  return { end: () => companion.close() };
}
