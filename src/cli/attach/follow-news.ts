import { hasWork } from '../../companion/files.ts';
import type { News } from '../../companion/messages.ts';
import type { GuestAccess } from '../../guest/channel/connect.ts';
import type { LocalTerminal } from '../../guest/terminal/terminal.ts';
import type { RunningVm } from '../../vm/state/vm.ts';

export interface FollowNews {
  access: Pick<GuestAccess, 'onNotice'>;
  /** From now on the news are shown there. */
  show(terminal: LocalTerminal): void;
  end(): void;
}

/**
 * Has a VM's ports followed while a shell is attached, and tells in a line of each that comes and goes. Its companion is
 * started once something listens.
 */
export function followNews(vm: RunningVm, signal: AbortSignal): FollowNews {
  if (!vm.boot.follow) return { access: {}, show() {}, end() {} };
  let say = (_: string): void => {};
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  let isListening = false;
  /** Ports of the host that are known to this terminal, by the guest's. */
  const open = new Map<number, number>();

  async function listen(): Promise<void> {
    if (isListening || until.aborted) return;
    isListening = true;
    try {
      const { ensureCompanion } = await import('../../companion/start.ts');
      const { newsText } = await import('../../companion/follow-ports.ts');
      const show = (news: News): void => {
        const { guestPort, hostPort } = news.forward;
        // Another companion says once more what the one before did.
        if (news.isOpen === (open.get(guestPort) === hostPort)) return;
        if (news.isOpen) open.set(guestPort, hostPort);
        else open.delete(guestPort);
        say(newsText(news));
      };
      const companion = await ensureCompanion(vm, until);
      until.addEventListener('abort', companion.close);
      companion.onNews(show);
      const live = await companion.ask({ ask: 'follow', news: true });
      for (const forward of live) if (forward.by === 'guest') show({ forward, isOpen: true });
      await companion.closed;
    } catch {
      // The companion is gone: the guest's next notice starts another.
    } finally {
      isListening = false;
    }
  }

  return {
    access: {
      onNotice({ listeners }) {
        if (listeners.length > 0) void listen();
      },
    },
    show(terminal) {
      say = (text) => terminal.say(`mvm: ${text}`);
      if (hasWork(vm.boot.runtimeDir)) void listen();
    },
    end: () => over.abort(),
  };
}
