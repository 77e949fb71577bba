import { changeKept, readKept } from '../../companion/kept.ts';
import { MvmError } from '../../errors/mvm-error.ts';
import { loadImage } from '../../image/load-image.ts';
import {
  type Forward,
  guestPortText,
  isNamed,
  type LiveForward,
  type Place,
  reachedAt,
} from '../../ports/forward.ts';
import { parseForward, parseReverse } from '../../ports/parse.ts';
import { isAlive } from '../../process/identity.ts';
import { waitForEnd } from '../../process/terminate.ts';
import { companionOf } from '../../vm/condition/companion.ts';
import { isRunning, type RunningVm, type Vm } from '../../vm/state/vm.ts';
import { refuseUndeclared } from '../../vm/up/wanted-forwards.ts';
import type { Context } from '../context.ts';

/** From the end of a companion to that of the VM that it ended with, in milliseconds. */
const endMs = 2000;

/** A word that can be a VM's name is one: ports have digits only, or colons. */
export function vmAndPorts(words: readonly (string | undefined)[]): {
  name: string | undefined;
  ports: string[];
} {
  const given = words.filter((word) => word !== undefined);
  const [first = '', ...more] = given;
  return /^[a-z][a-z0-9-]*$/.test(first) && first !== 'localhost'
    ? { name: first, ports: more }
    : { name: undefined, ports: given };
}

function requirePorts(ports: readonly string[], command: string): void {
  if (ports.length > 0) return;
  throw new MvmError('USAGE', `${command} needs a port at least: [ADDR:]HOST:GUEST.`, {
    hint: 'mvmctl forward 8080:80   (mvmctl port shows what is forwarded)',
  });
}

/**
 * Forwards ports; unless detached, until Ctrl-C or the VM's end. A companion that is killed meanwhile is replaced.
 * @throws MvmError PORT_TAKEN, PORT_REFUSED, COMPANION_FAILED, USAGE
 */
export async function forwardPorts(
  context: Context,
  vm: RunningVm,
  texts: readonly string[],
  { detach, reverse }: { detach: boolean; reverse: boolean },
): Promise<LiveForward[]> {
  requirePorts(texts, 'forward');
  const parse = reverse ? parseReverse : parseForward;
  let forwards = texts.map((text): Forward => ({ ...parse(text), by: 'forward', nearby: false }));
  if (vm.boot.sealed) refuseUndeclared(vm.name, (await loadImage(vm.boot.image)).spec, { forwards });
  for (let told = false; ; told = true) {
    const companion = await companionOf(vm, context);
    const live = await companion.ask({ ask: 'forward', forwards, hold: !detach });
    if (!told) tell(context, vm, live, detach);
    if (detach) {
      companion.close();
      return live;
    }
    // What was any port stays the one that it became.
    forwards = live.map(({ held: _, ...forward }) => forward);
    await Promise.race([companion.closed, aborted(context.signal)]);
    companion.close();
    if (context.signal.aborted) return live;
    if (!(await isAlive(vm.vmm)) || (await waitForEnd(vm.vmm, endMs))) {
      context.emit({ type: 'note', level: 'info', text: `${vm.name} has stopped.` });
      return live;
    }
  }
}

function tell(
  { emit, stderr }: Context,
  { name }: RunningVm,
  live: readonly LiveForward[],
  detach: boolean,
): void {
  for (const one of live) {
    const text = one.reverse
      ? `localhost:${one.guestPort} in ${name} is port ${one.hostPort} of this host.`
      : `${reachedAt(one)} is port ${guestPortText(one)} of ${name}.`;
    emit({ type: 'note', level: 'info', text });
  }
  if (!detach && stderr.isTTY) emit({ type: 'note', level: 'info', text: 'Ctrl-C ends this.' });
}

/**
 * Ends forwards. Of a VM that does not run, those that its next start would make.
 * @throws MvmError USAGE where one of them is not forwarded
 */
export async function removeForwards(
  context: Context,
  vm: Vm,
  texts: readonly string[],
  reverse: boolean,
): Promise<LiveForward[]> {
  requirePorts(texts, 'forward --remove');
  const places = texts.map(reverse ? parseReverse : parseForward);
  const known = [...vm.forwards, ...(await readKept(vm.paths.forwards))];
  const missing = places.find((place) => !known.some((one) => isNamed(one, place)));
  if (missing !== undefined) {
    const { hostPort } = missing;
    const other = known.find((one) => one.hostPort === hostPort && one.reverse !== reverse);
    const flag = reverse ? '' : '--reverse ';
    throw new MvmError('USAGE', notForwarded(vm.name, missing), {
      hint:
        other === undefined
          ? `mvmctl port ${vm.name}`
          : `mvmctl forward ${vm.name} ${flag}--remove ${hostPort}   (it is forwarded the other way round)`,
    });
  }
  const removed = isRunning(vm) ? await askToRemove(context, vm, places) : await removeKept(vm, places);
  for (const one of removed)
    context.emit({
      type: 'note',
      level: 'info',
      text: one.reverse
        ? `${vm.name} does not see port ${one.hostPort} of this host any more.`
        : `${reachedAt(one)} is not forwarded any more.`,
    });
  return removed;
}

async function askToRemove(context: Context, vm: RunningVm, places: Place[]): Promise<LiveForward[]> {
  const companion = await companionOf(vm, context);
  return companion.ask({ ask: 'remove', places }).finally(companion.close);
}

/** Of a VM that does not run, and so has no companion that writes the file. */
async function removeKept({ paths }: Vm, places: Place[]): Promise<LiveForward[]> {
  const kept = await readKept(paths.forwards);
  const gone = kept.filter((one) => places.some((place) => isNamed(one, place)));
  await changeKept(paths.forwards, [], gone);
  return gone.map((one) => ({ ...one, held: false }));
}

const notForwarded = (name: string, { hostPort, protocol, reverse }: Place): string =>
  reverse
    ? `Port ${hostPort} of this host is not forwarded into '${name}'.`
    : `Port ${hostPort}${protocol === 'udp' ? '/udp' : ''} is not forwarded to '${name}'.`;

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
