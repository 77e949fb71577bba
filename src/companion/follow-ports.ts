import { MvmError } from '../errors/mvm-error.ts';
import { nearbyForward } from '../ports/forward.ts';
import type { Forwarder } from '../ports/forwarder.ts';
import type { News } from './messages.ts';

/** A guest gets no more ports of this host than this unasked. */
const most = 64;

/**
 * Forwards the ports that are listened on and that nobody forwards, and ends those of what listens no more.
 * @param announce is told of each
 * @param tell a line for the log, of what could not be
 */
export async function followPorts(
  forwarder: Forwarder,
  ports: readonly number[],
  announce: (news: News) => void,
  tell: (text: string) => void,
): Promise<void> {
  const own = () => forwarder.list().filter(({ by }) => by === 'guest');
  const gone = own().filter(({ guestPort }) => !ports.includes(guestPort));
  forwarder.remove(gone);
  for (const forward of gone) announce({ forward, isOpen: false });
  for (const guestPort of ports) {
    if (forwarder.list().some((one) => one.guestPort === guestPort && one.protocol === 'tcp')) continue;
    if (own().length >= most) return;
    try {
      const [forward] = await forwarder.add([nearbyForward(guestPort, 'guest')], false);
      if (forward !== undefined) announce({ forward, isOpen: true });
    } catch (error) {
      if (!(error instanceof MvmError)) throw error;
      tell(error.message);
    }
  }
}
