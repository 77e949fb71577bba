import type { Companion } from '../../companion/client.ts';
import { readKept } from '../../companion/kept.ts';
import { startFollowing } from '../../companion/start.ts';
import { MvmError } from '../../errors/mvm-error.ts';
import type { Emit } from '../../events/events.ts';
import { loadImage } from '../../image/load-image.ts';
import {
  type Forward,
  guestPortText,
  isSamePlace,
  type LiveForward,
  reachedAt,
} from '../../ports/forward.ts';
import { companionOf } from '../condition/companion.ts';
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
  const kept = (await readKept(vm.paths.forwards)).filter(
    (one) => !wanted.forwards.some((other) => isSamePlace(one, other)),
  );
  const meant = [...wanted.forwards, ...kept];
  const asked = [...wanted.forwards, ...(wanted.declared ? declaredForwards(spec, meant) : [])];
  if (asked.length + kept.length === 0) {
    // Who is at the machine tells of the rest: a shell in which nothing listens has no companion.
    const runsPrograms = spec.entrypointKind !== 'shell' || Object.keys(spec.services).length > 0;
    if (wanted.follow && runsPrograms) await startFollowing(vm);
    return [];
  }
  const companion = await companionOf(vm, { emit, signal });
  try {
    const live =
      asked.length === 0 ? [] : await companion.ask({ ask: 'forward', forwards: asked, hold: false });
    live.push(...(await again(companion, kept, emit, signal)));
    if (wanted.follow) await companion.ask({ ask: 'follow' });
    const told = live.map((one) => inWords(one, asked)).join(', ');
    if (live.length > 0) emit({ type: 'note', level: 'info', text: `Forwarded: ${told}.` });
    return live;
  } finally {
    companion.close();
  }
}

/** Makes the VM's own forwards again. One that can't be made now says so, and is made at the next start. */
async function again(
  companion: Companion,
  kept: readonly Forward[],
  emit: Emit,
  signal: AbortSignal,
): Promise<readonly LiveForward[]> {
  const made: LiveForward[] = [];
  for (const forward of kept) {
    try {
      made.push(...(await companion.ask({ ask: 'forward', forwards: [forward], hold: false })));
    } catch (error) {
      if (signal.aborted || !(error instanceof MvmError)) throw error;
      const remove = `mvmctl forward ${forward.reverse ? '--reverse ' : ''}--remove ${forward.hostPort}`;
      const text = `${error.message} It is not forwarded this time. To do without it: ${remove}`;
      emit({ type: 'note', level: 'warn', text });
    }
  }
  return made;
}

/** `localhost:8080 to 80`; where it is not on the number that was meant, why. */
function inWords(live: LiveForward, asked: readonly Forward[]): string {
  const meant = asked.find(({ guestPort, nearby }) => nearby && guestPort === live.guestPort);
  const moved =
    meant !== undefined && meant.hostPort !== live.hostPort ? ` (${meant.hostPort} is in use here)` : '';
  if (live.reverse) return `port ${live.guestPort} of the VM to port ${live.hostPort} of this host`;
  return `${reachedAt(live)} to port ${guestPortText(live)}${moved}`;
}
