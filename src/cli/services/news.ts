import type { RunningVm } from '../../vm/state/vm.ts';
import type { Context } from '../context.ts';

/** While `work` on a service lasts, `tell` gets what the guest says about it: what it waits for, what is wrong. */
export async function withServiceNews<T>(
  context: Context,
  vm: RunningVm,
  service: string,
  tell: (text: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  const { guestAccess } = await import('../../vm/condition/guest.ts');
  const { followServices } = await import('../../guest/services/services.ts');
  const guest = guestAccess(vm, context.emit);
  const over = new AbortController();
  const news = (async () => {
    for await (const { services } of followServices(guest, over.signal)) {
      const unit = services.find(({ name }) => name === service);
      if (unit !== undefined) tell(unit.message);
    }
  })();
  // News are a convenience: where they fail, the work says what is wrong.
  news.catch((error: unknown) => {
    if (!over.signal.aborted)
      context.emit({ type: 'debug', text: `no news of ${service}: ${String(error)}` });
  });
  try {
    return await work();
  } finally {
    over.abort();
  }
}
