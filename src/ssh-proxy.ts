/**
 * What ssh starts for each connection to a VM (ProxyCommand): `ssh-proxy.cjs STATE-FOLDER HOST`. A program of its own, as its
 * start is a part of each. It knows one way, the socket of the VM's companion; where that is not there, mvmctl makes it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

const [state = '', host = ''] = process.argv.slice(2);

function socketPath(): string | undefined {
  // No name can lead out of the folder.
  if (!/^mvm-[a-z][a-z0-9-]*$/.test(host)) return undefined;
  const dir = join(state, 'vms', host.slice(4));
  try {
    const { runtimeDir } = JSON.parse(readFileSync(join(dir, 'boot.json'), 'utf8')) as { runtimeDir: string };
    // Without keys nobody gets in.
    return existsSync(join(state, 'ssh', host, 'known_hosts')) ? join(runtimeDir, 'ssh.sock') : undefined;
  } catch {
    return undefined;
  }
}

/** The long way, which says what is wrong where it leads nowhere. */
function makeWay(): void {
  process.env.MVM_STATE_DIR = state;
  const main = join(import.meta.dirname, 'mvmctl.cjs');
  process.argv.splice(1, Number.POSITIVE_INFINITY, main, 'ssh-connect', '--', host);
  require(main);
}

const path = socketPath();
if (path === undefined) makeWay();
else {
  const socket = connect({ path, allowHalfOpen: true });
  const failed = (): void => makeWay();
  socket.once('error', failed);
  socket.once('connect', () => {
    socket.off('error', failed);
    socket.on('error', () => process.exit(1));
    process.stdin.pipe(socket);
    socket.pipe(process.stdout);
    // ssh is gone, or wants no more: it closes both at once.
    process.stdout.on('error', () => process.exit(1));
    process.stdin.on('end', () => socket.end(() => process.exit()));
    socket.on('close', () => process.exit());
  });
}
