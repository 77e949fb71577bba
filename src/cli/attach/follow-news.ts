import { setTimeout as delay } from 'node:timers/promises';
import { hasWork } from '../../companion/files.ts';
import type { News, PortNews } from '../../companion/messages.ts';
import { newsText } from '../../companion/news-text.ts';
import type { GuestAccess } from '../../guest/channel/connect.ts';
import type { LocalTerminal } from '../../guest/terminal/terminal.ts';
import type { Forward } from '../../ports/forward.ts';
import type { RunningVm } from '../../vm/state/vm.ts';

export interface FollowNews {
  access: Pick<GuestAccess, 'onNotice'>;
  /** From now on the news are shown there. */
  show(terminal: Pick<LocalTerminal, 'say'>): void;
  end(): void;
}

/** After a companion that was killed, in milliseconds. */
const againMs = 100;

/**
 * Has a VM's ports followed while a shell is attached, and tells in a line of each that comes and goes. Its companion is
 * started once something listens; where it shows folders, another takes its place at once when it is killed.
 */
export function followNews(vm: RunningVm, signal: AbortSignal): FollowNews {
  const { follow, shares } = vm.boot;
  if (!follow && shares.length === 0) return { access: {}, show() {}, end() {} };
  let say = (_: string): void => {};
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  let isListening = false;
  /** What this terminal knows to be open, by the guest's port. */
  const open = new Map<number, Forward>();

  function tellAny(news: News): void {
    if ('refused' in news) say(newsText(news));
    else tell(news);
  }

  function tell(news: PortNews): void {
    const { guestPort, hostPort } = news.forward;
    // Another companion says once more what the one before did.
    if (news.isOpen === (open.get(guestPort)?.hostPort === hostPort)) return;
    if (news.isOpen) open.set(guestPort, news.forward);
    else open.delete(guestPort);
    say(newsText(news));
  }

  function missing(ports: readonly number[]): void {
    for (const forward of [...open.values()])
      if (!ports.includes(forward.guestPort)) tell({ forward, isOpen: false });
  }

  async function listen(): Promise<void> {
    if (isListening || until.aborted) return;
    isListening = true;
    try {
      const { ensureCompanion } = await import('../../companion/start.ts');
      const companion = await ensureCompanion(vm, until);
      companion.onNews(tellAny);
      const live = await companion.ask(follow ? { ask: 'follow', news: true } : { ask: 'news' });
      const here = live.filter(({ by }) => by === 'guest');
      // What went while nobody followed.
      missing(here.map(({ guestPort }) => guestPort));
      for (const forward of here) tell({ forward, isOpen: true });
      await companion.closed;
    } catch {
      // The companion is gone: the guest's next notice starts another.
    } finally {
      isListening = false;
    }
    if (shares.length === 0 || until.aborted) return;
    await delay(againMs, undefined, { signal: until }).catch(() => {});
    if (hasWork(vm.boot.runtimeDir)) void listen();
  }

  return {
    access: {
      onNotice({ listeners }) {
        if (follow && listeners.length > 0) void listen();
        else if (!isListening) missing(listeners);
      },
    },
    show(terminal) {
      say = (text) => terminal.say(`mvm: ${text}`);
      if (hasWork(vm.boot.runtimeDir)) void listen();
    },
    end: () => over.abort(),
  };
}
