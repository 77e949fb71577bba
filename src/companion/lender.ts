import type { Socket } from 'node:net';
import { MvmError } from '../errors/mvm-error.ts';
import type { Session } from '../streams/session.ts';
import { lendAgent } from './lend-agent.ts';
import type { LentAgent } from './ssh-work.ts';

/** The ssh-agents that are lent to a VM. */
export interface Lender {
  /**
   * Resolves when programs in the guest can connect. Throws GUEST_REFUSED.
   * @param holder whose end ends it; absent: it ends with the VM, and replaces the one before
   * @param onEnd told when the holder has ended
   */
  lend(agent: LentAgent, holder?: Socket, onEnd?: () => void): Promise<void>;
  /** What is lent as long as the VM runs. */
  readonly work: LentAgent | undefined;
  readonly isIdle: boolean;
}

/** @param over the companion's end */
export function createLender(
  session: () => Promise<Session>,
  over: AbortSignal,
  tell: (text: string) => void,
): Lender {
  let lasting: { agent: LentAgent; end: AbortController } | undefined;
  let held = 0;
  return {
    async lend({ socket, user }, holder, onEnd) {
      const agent = { socket, user };
      const end = new AbortController();
      if (holder === undefined) {
        lasting?.end.abort();
        lasting = { agent, end };
      } else {
        held++;
        const release = (): void => {
          held--;
          end.abort();
          onEnd?.();
        };
        if (holder.destroyed) release();
        else holder.once('close', release);
      }
      try {
        await lendAgent(session, agent, AbortSignal.any([over, end.signal]));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        tell(`the ssh-agent can't be lent: ${reason}`);
        if (lasting?.end === end) lasting = undefined;
        end.abort();
        throw new MvmError('GUEST_REFUSED', refusal(reason, user), {
          hint:
            reason === 'bad_request'
              ? 'mvmctl dev up --restart   (or mvmctl build --rebuild, and start it again)'
              : 'mvmctl exec -- id',
        });
      }
    },
    get work() {
      return lasting?.agent;
    },
    get isIdle() {
      return lasting === undefined && held === 0;
    },
  };
}

function refusal(reason: string, user: string): string {
  if (reason === 'bad_request') return "The VM's image is too old for --ssh-agent: its agent lends none.";
  if (reason === 'unreachable') return `The guest can't make a socket for the user ${user}.`;
  return `The ssh-agent could not be lent to the guest (${reason}).`;
}
