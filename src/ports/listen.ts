import { createServer, type Server, type Socket } from 'node:net';
import { MvmError, systemCode } from '../errors/mvm-error.ts';
import { type Forward, loopback, reachedAt } from './forward.ts';
import { holderOf } from './holder.ts';

/** How many of the next ports are tried where one is taken and a neighbour serves. */
const neighbours = 50;

/** The listeners of one forward. */
export interface Listening {
  /** With the port that it has. */
  forward: Forward;
  servers: Server[];
}

/**
 * Listens where a forward says.
 * @throws MvmError PORT_TAKEN, naming who has the port; PORT_REFUSED where the system lets us not have it
 */
export async function listen(forward: Forward, onConnection: (socket: Socket) => void): Promise<Listening> {
  for (let hostPort = forward.hostPort; ; hostPort++) {
    try {
      return await listenOn({ ...forward, hostPort }, onConnection);
    } catch (error) {
      const tried = hostPort - forward.hostPort;
      // A port below 1024 may be root's alone: the neighbours are looked for above.
      const code = systemCode(error);
      const mayMove = forward.nearby && tried < neighbours && (code === 'EADDRINUSE' || code === 'EACCES');
      if (!mayMove) throw listenError(error, { ...forward, hostPort });
      if (code === 'EACCES' && hostPort < 1024) hostPort = Math.max(hostPort, 8000 + (hostPort % 1000)) - 1;
    }
  }
}

async function listenOn(forward: Forward, onConnection: (socket: Socket) => void): Promise<Listening> {
  const addresses = forward.address === loopback ? ['127.0.0.1', '::1'] : [forward.address];
  const servers: Server[] = [];
  let { hostPort } = forward;
  try {
    for (const address of addresses) {
      // Where the host has no IPv6, nobody misses its loopback.
      const server = await serve(address, hostPort, onConnection).catch((error: unknown) => {
        const isMissing = ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(systemCode(error) ?? '');
        if (servers.length > 0 && isMissing) return undefined;
        throw error;
      });
      if (server === undefined) continue;
      servers.push(server);
      const bound = server.address();
      if (bound !== null && typeof bound !== 'string') hostPort = bound.port;
    }
    return { forward: { ...forward, hostPort }, servers };
  } catch (error) {
    for (const server of servers) server.close();
    throw error;
  }
}

function serve(address: string, port: number, onConnection: (socket: Socket) => void): Promise<Server> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, onConnection);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: address, port, ipv6Only: true, backlog: 1024 }, () => {
      server.off('error', reject);
      resolve(server);
    });
  });
}

function listenError(cause: unknown, forward: Forward): unknown {
  const code = systemCode(cause);
  const place = reachedAt(forward);
  if (code === 'EADDRINUSE') {
    const holder = holderOf(forward.hostPort);
    const who = holder === undefined ? 'another process' : `process ${holder.pid} (${holder.program})`;
    return new MvmError('PORT_TAKEN', `Port ${place} of this host is in use: ${who} listens there.`, {
      cause,
      hint: `mvmctl forward 0:${forward.guestPort}   (0: any port that is free; in -p and mvm.toml, too)`,
    });
  }
  if (code === undefined) return cause;
  const why =
    code === 'EACCES'
      ? 'ports below 1024 are for root'
      : code === 'EADDRNOTAVAIL'
        ? 'this host has no such address'
        : code;
  return new MvmError('PORT_REFUSED', `Can't listen on ${place}: ${why}.`, {
    cause,
    hint: `mvmctl forward 0:${forward.guestPort}   (0: any port that is free; in -p and mvm.toml, too)`,
  });
}
