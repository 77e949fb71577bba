import { createServer, type Socket } from 'node:net';
import { MvmError, systemCode } from '../errors/mvm-error.ts';
import { type Forward, loopback, reachedAt } from './forward.ts';
import { holderOf } from './holder.ts';

/** How many of the next ports are tried where one is taken and a neighbour serves. */
const neighbours = 50;

/** What has a port of this host. */
export interface Listener {
  port: number;
  onError(hear: (error: Error) => void): void;
  close(): void;
}

/** Takes a port at an address; 0 is any. Rejects with the system's error. */
export type Take = (address: string, port: number) => Promise<Listener>;

/** The listeners of one forward. */
export interface Listening {
  /** With the port that it has. */
  forward: Forward;
  listeners: Listener[];
}

/**
 * Listens where a forward says.
 * @throws MvmError PORT_TAKEN, naming who has the port; PORT_REFUSED where the system lets us not have it
 */
export async function listen(forward: Forward, take: Take): Promise<Listening> {
  for (let hostPort = forward.hostPort; ; hostPort++) {
    try {
      return await listenOn({ ...forward, hostPort }, take);
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

async function listenOn(forward: Forward, take: Take): Promise<Listening> {
  const addresses = forward.address === loopback ? ['127.0.0.1', '::1'] : [forward.address];
  const listeners: Listener[] = [];
  let { hostPort } = forward;
  try {
    for (const address of addresses) {
      // Where the host has no IPv6, nobody misses its loopback.
      const listener = await take(address, hostPort).catch((error: unknown) => {
        const isMissing = ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(systemCode(error) ?? '');
        if (listeners.length > 0 && isMissing) return undefined;
        throw error;
      });
      if (listener === undefined) continue;
      listeners.push(listener);
      hostPort = listener.port;
    }
    return { forward: { ...forward, hostPort }, listeners };
  } catch (error) {
    for (const listener of listeners) listener.close();
    throw error;
  }
}

/** Takes TCP ports. */
export function takeTcp(onConnection: (socket: Socket) => void): Take {
  return (address, port) => {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, onConnection);
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: address, port, ipv6Only: true, backlog: 1024 }, () => {
        server.off('error', reject);
        const bound = server.address();
        resolve({
          port: bound === null || typeof bound === 'string' ? port : bound.port,
          onError: (hear) => void server.on('error', hear),
          close: () => server.close(),
        });
      });
    });
  };
}

function listenError(cause: unknown, forward: Forward): unknown {
  const code = systemCode(cause);
  const place = reachedAt(forward);
  if (code === 'EADDRINUSE') {
    const holder = holderOf(forward.hostPort, forward.protocol);
    const isIn = `Port ${place} of this host is in use`;
    if (holder?.vm !== undefined)
      return new MvmError('PORT_TAKEN', `${isIn}: it is forwarded to the VM '${holder.vm}'.`, {
        cause,
        hint: `mvmctl port ${holder.vm}   (mvmctl forward ${holder.vm} --remove ${forward.hostPort} ends it)`,
      });
    const who = holder === undefined ? 'another process' : `process ${holder.pid} (${holder.program})`;
    return new MvmError('PORT_TAKEN', `${isIn}: ${who} listens there.`, {
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
