import { createSocket, type Socket } from 'node:dgram';
import type { Session } from '../streams/session.ts';
import type { Stream } from '../streams/stream.ts';
import type { Take } from './listen.ts';

/** So many peers of one forward have a stream, the last heard of; in the guest each has a socket. */
const mostPeers = 128;
/** A peer that neither sends nor is sent anything for so long is forgotten, in milliseconds. */
const idleMs = 60_000;
/** So many datagrams wait until a peer has its stream. */
const mostEarly = 16;
/** Bytes of a datagram's length. */
const prefix = 2;

/** Answers whoever sent a datagram. */
export interface Sender {
  /** Names it among those of its forward. */
  key: string;
  answer(datagram: Buffer): void;
}

/** Takes UDP ports. */
export function takeUdp(onDatagram: (datagram: Buffer, from: Sender) => void): Take {
  return (address, port) => {
    const type = address.includes(':') ? 'udp6' : 'udp4';
    const socket: Socket = createSocket({ type, ipv6Only: type === 'udp6' });
    socket.on('message', (datagram, { address: host, port: from }) =>
      onDatagram(datagram, {
        key: `${host} ${from}`,
        // One that can't be sent is lost, as datagrams may be; a socket that is closed sends none.
        answer(bytes) {
          if (!isClosed) socket.send(bytes, from, host, () => {});
        },
      }),
    );
    let isClosed = false;
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ address, port, exclusive: true }, () => {
        socket.off('error', reject);
        resolve({
          port: socket.address().port,
          onError: (hear) => void socket.on('error', hear),
          close() {
            isClosed = true;
            socket.close();
          },
        });
      });
    });
  };
}

/** Those who sent something to one forward. */
export interface Peers {
  datagram(datagram: Buffer, from: Sender): void;
  readonly count: number;
  end(): void;
}

interface Peer {
  sender: Sender;
  stream?: Stream;
  /** Came before there was a stream. */
  early: Buffer[];
  /** What a stream whose window is full has not taken of the last datagram. */
  rest?: Buffer | undefined;
  /** Of the guest's datagram that is not whole yet. */
  pending: Buffer;
  lastMs: number;
}

/**
 * Each peer has a stream, so that answers find back. Datagrams for which there is no room are dropped, as a network does.
 */
export function createPeers(
  guestPort: number,
  session: () => Promise<Session>,
  tell: (text: string) => void,
): Peers {
  /** In the order in which they were last heard of. */
  const peers = new Map<string, Peer>();
  const sweep = setInterval(() => {
    for (const peer of peers.values()) if (performance.now() - peer.lastMs > idleMs) forget(peer);
  }, idleMs / 4);
  sweep.unref();

  function forget(peer: Peer): void {
    if (peers.get(peer.sender.key) === peer) peers.delete(peer.sender.key);
    peer.stream?.reset('gone');
  }

  function touch(peer: Peer): void {
    peer.lastMs = performance.now();
    peers.delete(peer.sender.key);
    peers.set(peer.sender.key, peer);
  }

  function received(peer: Peer, bytes: Buffer): void {
    peer.pending = Buffer.concat([peer.pending, bytes]);
    for (;;) {
      const size = peer.pending.length < prefix ? undefined : peer.pending.readUInt16BE(0);
      if (size === undefined || peer.pending.length < prefix + size) return;
      peer.sender.answer(Buffer.from(peer.pending.subarray(prefix, prefix + size)));
      peer.pending = peer.pending.subarray(prefix + size);
    }
  }

  async function open(peer: Peer): Promise<void> {
    const guest = await session();
    if (peers.get(peer.sender.key) !== peer) return;
    const stream = guest.open(
      { to: 'udp', port: guestPort },
      {
        data(bytes) {
          if (peers.get(peer.sender.key) === peer) touch(peer);
          received(peer, bytes);
          stream?.taken(bytes.length);
        },
        end: () => forget(peer),
        reset(code) {
          if (code !== 'gone' && code !== 'lost') tell(`datagrams to the guest's port ${guestPort}: ${code}`);
          forget(peer);
        },
        writable() {
          if (peer.rest !== undefined) write(peer, peer.rest);
        },
      },
    );
    if (stream === undefined) return forget(peer);
    peer.stream = stream;
    for (const datagram of peer.early.splice(0)) if (peer.rest === undefined) write(peer, datagram);
  }

  function write(peer: Peer, bytes: Buffer): void {
    const sent = peer.stream?.write(bytes) ?? 0;
    peer.rest = sent < bytes.length ? bytes.subarray(sent) : undefined;
  }

  return {
    datagram(datagram, sender) {
      const framed = Buffer.allocUnsafe(prefix + datagram.length);
      framed.writeUInt16BE(datagram.length);
      datagram.copy(framed, prefix);
      const known = peers.get(sender.key);
      const peer: Peer = known ?? { sender, early: [], pending: Buffer.alloc(0), lastMs: 0 };
      touch(peer);
      if (peer.stream === undefined && peer.early.length < mostEarly) peer.early.push(framed);
      else if (peer.rest === undefined) write(peer, framed);
      if (known !== undefined) return;
      const [oldest] = peers.values();
      if (peers.size > mostPeers && oldest !== undefined) forget(oldest);
      open(peer).catch(() => forget(peer));
    },
    get count() {
      return peers.size;
    },
    end() {
      clearInterval(sweep);
      for (const peer of [...peers.values()]) forget(peer);
    },
  };
}
