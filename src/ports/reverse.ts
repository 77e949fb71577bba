import { createConnection, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import * as v from 'valibot';
import { MvmError, systemCode } from '../errors/mvm-error.ts';
import { joinSocket } from '../streams/join.ts';
import { readLines } from '../streams/lines.ts';
import type { Session } from '../streams/session.ts';
import type { Forward } from './forward.ts';

/** Between a lost guest and the next try, in milliseconds. */
const againMs = 1000;
/** The guest tells of no further connections while so many are on their way to the host's port. */
const mostConnecting = 64;

/** What the guest writes of a port on which it listens for us; it names none. */
const lineSchema = v.object({
  listening: v.optional(v.boolean()),
  error: v.optional(v.string()),
  holder: v.optional(v.string()),
  connection: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
});

/** A port of this host's loopback that is seen on the guest's. */
export interface Reverse {
  /** Resolves when the guest listens; throws PORT_TAKEN, PORT_REFUSED. */
  listening: Promise<void>;
  /** The guest listens no more, and its connections are reset. */
  end(): void;
}

/**
 * Has the guest listen, and joins each connection to the port of this host that was said here: whatever the guest writes, it
 * reaches no other. Where the guest is lost, it is asked again.
 */
export function startReverse(
  forward: Forward,
  session: () => Promise<Session>,
  tell: (text: string) => void,
): Reverse {
  const over = new AbortController();
  const first = Promise.withResolvers<void>();
  first.promise.catch(() => {}); // It may be ended before anybody waits.
  const sockets = new Set<Socket>();

  async function keep(): Promise<void> {
    while (!over.signal.aborted) {
      try {
        await listenOnce(await session());
      } catch (error) {
        first.reject(error);
        tell(`port ${forward.hostPort} of this host in the guest: ${String(error)}`);
      }
      await delay(againMs, undefined, { signal: over.signal }).catch(() => {});
    }
  }

  /** Resolves when the guest is lost; throws where it can't listen. */
  async function listenOnce(open: Session): Promise<void> {
    const reason = await readLines(open, { to: 'listen', port: forward.guestPort }, over.signal, {
      async onLine(text) {
        const { listening, error, holder, connection } = parseLine(text);
        if (error !== undefined) throw cannotListen(forward, error, holder);
        if (listening) first.resolve();
        if (connection !== undefined) await connect(open, connection);
      },
      atOnce: mostConnecting,
    });
    if (reason === 'bad_request') throw tooOld();
    if (reason === 'broken') throw new Error('the guest writes what is no line of a port');
  }

  async function connect(open: Session, connection: number): Promise<void> {
    const socket = await dialLoopback(forward.hostPort);
    if (socket === undefined) tell(`the guest connects to port ${forward.hostPort} of this host: refused`);
    if (socket === undefined || over.signal.aborted) {
      // It is picked up, to be reset.
      const ignored = { data() {}, end() {}, reset() {}, writable() {} };
      open.open({ to: 'connection', connection }, ignored)?.reset('refused');
      socket?.destroy();
      return;
    }
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    joinSocket(socket, (user) => open.open({ to: 'connection', connection }, user));
  }

  void keep();
  return {
    listening: first.promise,
    end() {
      over.abort();
      first.reject(new Error('it was ended'));
      for (const socket of sockets) socket.resetAndDestroy();
    },
  };
}

/** Throws where it is none. */
function parseLine(text: string): v.InferOutput<typeof lineSchema> {
  return v.parse(lineSchema, JSON.parse(text));
}

/** Connects to a port of this host's loopback, IPv4 before IPv6; undefined where nobody listens. */
async function dialLoopback(port: number): Promise<Socket | undefined> {
  for (const host of ['127.0.0.1', '::1']) {
    const socket = createConnection({ host, port, allowHalfOpen: true });
    const error = await new Promise<Error | undefined>((resolve) => {
      socket.once('connect', () => resolve(undefined));
      socket.once('error', resolve);
    });
    if (error === undefined) return socket.pause();
    if (systemCode(error) !== 'ECONNREFUSED') return undefined;
  }
  return undefined;
}

function cannotListen({ hostPort, guestPort }: Forward, error: string, holder = ''): MvmError {
  const who = holder === '' ? 'a program' : holder.replace(/[^\x20-\x7e]/g, '?').slice(0, 40);
  const hint = `mvmctl forward --reverse ${hostPort}:${guestPort + 10_000 > 65_535 ? guestPort - 10_000 : guestPort + 10_000}   (on another port of the VM)`;
  return error === 'in_use'
    ? new MvmError('PORT_TAKEN', `Port ${guestPort} of the VM is in use: ${who} listens there.`, { hint })
    : new MvmError('PORT_REFUSED', `The VM can't listen on its port ${guestPort}: ${error.slice(0, 100)}.`, {
        hint,
      });
}

function tooOld(): MvmError {
  return new MvmError(
    'PORT_REFUSED',
    "The VM's agent has no port of this host: its image is sealed, not accessible, or too old.",
    { hint: 'mvmctl dev up --restart   (a dev VM gets the agent of this mvmctl)' },
  );
}
