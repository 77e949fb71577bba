import type { Socket } from 'node:net';
import { joinSocket } from '../streams/join.ts';
import type { Session } from '../streams/session.ts';
import { createPeers, type Peers, takeUdp } from './datagrams.ts';
import { type Forward, isSamePlace, type LiveForward, reachedAt } from './forward.ts';
import { type Listener, listen, type Take, takeTcp } from './listen.ts';
import { type Reverse, startReverse } from './reverse.ts';

/** All forwards of a VM. */
export interface Forwarder {
  /** Forwards them, all or none; one that is there already is left as it is. Throws PORT_TAKEN, PORT_REFUSED. */
  add(forwards: readonly Forward[], held: boolean): Promise<LiveForward[]>;
  /** Ends these; their connections are reset. */
  remove(forwards: readonly LiveForward[]): void;
  list(): LiveForward[];
}

interface Live {
  forward: LiveForward;
  listeners: Listener[];
  /** TCP connections. */
  sockets: Set<Socket>;
  /** Of UDP. */
  peers?: Peers;
  /** Of one that leads from the guest to the host. */
  reverse?: Reverse;
}

/**
 * @param session the guest's, as soon as there is one; rejects where there will be none
 * @param tell a line for the log
 */
export function createForwarder(session: () => Promise<Session>, tell: (text: string) => void): Forwarder {
  const all: Live[] = [];

  function connect(live: Live, socket: Socket): void {
    live.sockets.add(socket);
    socket.on('close', () => live.sockets.delete(socket));
    socket.on('error', () => {}); // followed by 'close'
    const { guestPort } = live.forward;
    const refused = (code: string): void => {
      if (code !== 'gone' && code !== 'reset') tell(`a connection to the guest's port ${guestPort}: ${code}`);
    };
    session().then(
      (open) => {
        if (socket.destroyed) return;
        joinSocket(socket, (user) => open.open({ to: 'tcp', port: guestPort }, user), refused);
      },
      () => socket.resetAndDestroy(),
    );
  }

  async function addOne(forward: Forward, held: boolean): Promise<Live> {
    const live: Live = { forward: { ...forward, held }, listeners: [], sockets: new Set() };
    if (forward.reverse) return addReverse(live);
    const listening = await listen(forward, takeFor(live));
    live.forward = { ...listening.forward, held };
    live.listeners = listening.listeners;
    for (const listener of live.listeners)
      listener.onError((error) => tell(`${reachedAt(live.forward)}: ${error.message}`));
    all.push(live);
    return live;
  }

  function takeFor(live: Live): Take {
    if (live.forward.protocol === 'tcp') return takeTcp((socket) => connect(live, socket));
    live.peers = createPeers(live.forward.guestPort, session, tell);
    return takeUdp(live.peers.datagram);
  }

  async function addReverse(live: Live): Promise<Live> {
    live.reverse = startReverse(live.forward, session, tell);
    // What listens for it in the guest is not to be forwarded back.
    all.push(live);
    try {
      await live.reverse.listening;
    } catch (error) {
      removeOne(live);
      throw error;
    }
    return live;
  }

  function removeOne(live: Live): void {
    if (!all.includes(live)) return;
    all.splice(all.indexOf(live), 1);
    live.reverse?.end();
    for (const listener of live.listeners) listener.close();
    live.peers?.end();
    for (const socket of live.sockets) socket.resetAndDestroy();
  }

  /** What is forwarded unasked gives way to what is asked for, of the same port of either side. */
  function giveWay({ by, guestPort, hostPort, reverse, protocol }: Forward): void {
    if (by === 'guest' || protocol === 'udp') return;
    for (const live of all.filter(({ forward }) => forward.by === 'guest'))
      if (live.forward.guestPort === guestPort || (!reverse && live.forward.hostPort === hostPort))
        removeOne(live);
  }

  return {
    async add(forwards, held) {
      const made: Live[] = [];
      const found: LiveForward[] = [];
      try {
        for (const forward of forwards) {
          const there = all.find((live) => isSame(live.forward, forward));
          // What was asked for to stay, stays.
          if (there !== undefined && !held) there.forward.held = false;
          if (there?.forward.by === 'guest') there.forward.by = forward.by;
          if (there === undefined) giveWay(forward);
          if (there !== undefined) found.push(there.forward);
          else made.push(await addOne(forward, held));
        }
      } catch (error) {
        for (const live of made) removeOne(live);
        throw error;
      }
      return [...found, ...made.map((live) => live.forward)];
    },
    remove(forwards) {
      for (const live of all.filter((one) => forwards.includes(one.forward))) removeOne(live);
    },
    list: () => all.map((live) => live.forward),
  };
}

/** Asked for once more: what may be anywhere is the same if it goes to the same port. */
function isSame(live: LiveForward, asked: Forward): boolean {
  if (live.guestPort !== asked.guestPort || live.reverse !== asked.reverse) return false;
  if (live.protocol !== asked.protocol) return false;
  if (asked.reverse) return live.hostPort === asked.hostPort;
  return asked.nearby ? live.address === asked.address : isSamePlace(live, asked);
}
