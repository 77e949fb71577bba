import { ensureCompanion, startFollowing } from '../../companion/start.ts';
import type { Emit } from '../../events/events.ts';
import { loadImage } from '../../image/load-image.ts';
import { type Forward, type LiveForward, reachedAt } from '../../ports/forward.ts';
import type { RunningVm } from '../state/vm.ts';
import { declaredForwards, refuseUndeclared, type WantedForwards } from './wanted-forwards.ts';

/**
 * Forwards what is wanted of a VM that runs, and tells in one line where it is reached.
 * @throws MvmError PORT_TAKEN, PORT_REFUSED, COMPANION_FAILED, IMAGE_INVALID
 */
export async function openPorts(
  vm: RunningVm,
  wanted: WantedForwards,
  { emit, signal }: { emit: Emit; signal: AbortSignal },
): Promise<LiveForward[]> {
  const { spec } = await loadImage(vm.boot.image);
  if (vm.boot.sealed) refuseUndeclared(vm.name, spec, wanted);
  const asked = [...wanted.forwards, ...(wanted.declared ? declaredForwards(spec, wanted.forwards) : [])];
  if (asked.length === 0) {
    // Who is at the machine tells of the rest: a shell in which nothing listens has no companion.
    const runsPrograms = spec.entrypointKind !== 'shell' || Object.keys(spec.services).length > 0;
    if (wanted.follow && runsPrograms) await startFollowing(vm);
    return [];
  }
  const companion = await ensureCompanion(vm, signal);
  try {
    const live = await companion.ask({ ask: 'forward', forwards: asked, hold: false });
    if (wanted.follow) await companion.ask({ ask: 'follow' });
    emit({
      type: 'note',
      level: 'info',
      text: `Forwarded: ${live.map((one) => inWords(one, asked)).join(', ')}.`,
    });
    return live;
  } finally {
    companion.close();
  }
}

/** `localhost:8080 to 80`; where it is not on the number that was meant, why. */
function inWords(live: LiveForward, asked: readonly Forward[]): string {
  const meant = asked.find(({ guestPort, nearby }) => nearby && guestPort === live.guestPort);
  const moved =
    meant !== undefined && meant.hostPort !== live.hostPort ? ` (${meant.hostPort} is in use here)` : '';
  return `${reachedAt(live)} to port ${live.guestPort}${moved}`;
}
