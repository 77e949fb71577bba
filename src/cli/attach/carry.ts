import { connect } from 'node:net';
import { companionFiles } from '../../companion/files.ts';
import type { RunningVm } from '../../vm/state/vm.ts';
import type { Context } from '../context.ts';

/** Copies between the standard streams and the VM's SSH server until either side ends. */
export function carry({ stdin, stdout }: Context, { boot }: RunningVm): Promise<void> {
  const socket = connect({ path: companionFiles(boot.runtimeDir).ssh, allowHalfOpen: true });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('close', () => resolve());
    stdout.once('error', () => resolve());
    stdin.once('end', () => socket.end(() => resolve()));
    stdin.pipe(socket);
    socket.pipe(stdout);
  });
}
