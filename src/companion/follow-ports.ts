import { MvmError } from '../errors/mvm-error.ts';
import { loopback, reachedAt } from '../ports/forward.ts';
import type { Forwarder } from '../ports/forwarder.ts';

/** A guest gets no more ports of this host than this unasked. */
const most = 64;

/** Forwards the ports that are listened on and that nobody forwards, and ends those of what listens no more. */
export async function followPorts(
  forwarder: Forwarder,
  ports: readonly number[],
  tell: (text: string) => void,
): Promise<void> {
  const own = () => forwarder.list().filter(({ by }) => by === 'guest');
  const gone = own().filter(({ guestPort }) => !ports.includes(guestPort));
  forwarder.remove(gone);
  for (const forward of gone)
    tell(`port ${forward.guestPort} is listened on no more: ${reachedAt(forward)} is free`);
  for (const guestPort of ports) {
    if (forwarder.list().some((forward) => forward.guestPort === guestPort)) continue;
    if (own().length >= most) return;
    try {
      const wanted = {
        address: loopback,
        hostPort: guestPort,
        guestPort,
        protocol: 'tcp',
        by: 'guest',
        nearby: true,
      } as const;
      const [made] = await forwarder.add([wanted], false);
      if (made !== undefined) tell(`port ${guestPort} is listened on: ${reachedAt(made)}`);
    } catch (error) {
      if (!(error instanceof MvmError)) throw error;
      tell(error.message);
    }
  }
}
