import { MvmError } from '../../errors/mvm-error.ts';
import { loadImage } from '../../image/load-image.ts';
import { type Forward, loopback, nearbyForward, reachedAt } from '../../ports/forward.ts';
import { parseForward } from '../../ports/parse.ts';
import { spawnDetached } from '../../process/spawn-detached.ts';
import { companionOf } from '../../vm/condition/companion.ts';
import type { RunningVm } from '../../vm/state/vm.ts';
import { refuseUndeclared } from '../../vm/up/wanted-forwards.ts';
import type { Context } from '../context.ts';

/**
 * Opens a port of the VM in the browser; says its address, and where no browser can be started.
 * @param asked the guest's port; without one, there must be just one that is forwarded
 * @throws MvmError USAGE, PORT_REFUSED, COMPANION_FAILED
 */
export async function openPort(context: Context, vm: RunningVm, asked: string | undefined): Promise<void> {
  const forward =
    asked === undefined ? onlyForward(vm) : await forwardOf(context, vm, parseForward(asked).guestPort);
  const { address } = forward;
  // What listens on all addresses is reached on the loopback, too.
  const host = ['0.0.0.0', '::'].includes(address) ? loopback : address;
  const url = `http://${reachedAt({ ...forward, address: host })}/`;
  const { env, emit } = context;
  emit({ type: 'note', level: 'info', text: `Opening ${url}` });
  const browser = env.BROWSER || (process.platform === 'darwin' ? 'open' : 'xdg-open');
  try {
    await spawnDetached([browser, url], { logPath: undefined, cwd: '/' });
  } catch (error) {
    if (!(error instanceof MvmError)) throw error;
    emit({ type: 'note', level: 'warn', text: `No browser was started: ${error.message}` });
  }
}

const isOfBrowsers = ({ protocol, reverse }: Forward): boolean => protocol === 'tcp' && !reverse;

function onlyForward({ name, forwards }: RunningVm): Forward {
  const [first, second] = forwards.filter(isOfBrowsers);
  if (first !== undefined && second === undefined) return first;
  const [what, port] =
    first === undefined ? ['No port is forwarded', 8080] : ['Several ports are forwarded', first.guestPort];
  throw new MvmError('USAGE', `${what} to '${name}': say which to open.`, {
    hint: `mvmctl open ${name} ${port}${first === undefined ? '' : `   (mvmctl port ${name} shows them)`}`,
  });
}

async function forwardOf(context: Context, vm: RunningVm, guestPort: number): Promise<Forward> {
  const found = vm.forwards.filter(isOfBrowsers).find((forward) => forward.guestPort === guestPort);
  if (found !== undefined) return found;
  const forward = nearbyForward(guestPort, 'forward');
  if (vm.boot.sealed)
    refuseUndeclared(vm.name, (await loadImage(vm.boot.image)).spec, { forwards: [forward] });
  const companion = await companionOf(vm, context);
  try {
    const [made = forward] = await companion.ask({ ask: 'forward', forwards: [forward], hold: false });
    return made;
  } finally {
    companion.close();
  }
}
