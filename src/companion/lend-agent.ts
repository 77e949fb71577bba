import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { joinSocket } from '../streams/join.ts';
import type { Session } from '../streams/session.ts';
import type { Stream, StreamUser } from '../streams/stream.ts';

/** So many programs can connect at once without waiting for the host. */
const waiting = 4;
/** Between a lost guest and the next try, in milliseconds. */
const againMs = 1000;
/** What the guest says to a stream that waits, a byte each; see protocol/PROTOCOL.md, "Streams". */
const [listening, connected] = [0, 1];

/**
 * Lends an ssh-agent to a user in the guest until `signal`: each program that connects there is connected to `socket`, which
 * may go and come again. Resolves when programs can connect; rejects with the guest's reason where they never will.
 */
export function lendAgent(
  session: () => Promise<Session>,
  { socket, user }: { socket: string; user: string },
  signal: AbortSignal,
): Promise<void> {
  const begun = Promise.withResolvers<void>();
  void (async () => {
    while (!signal.aborted) {
      try {
        const reason = await lendIn(await session(), socket, user, signal, begun.resolve);
        begun.reject(new Error(reason));
        if (reason === 'bad_request' || reason === 'unreachable') return;
      } catch (error) {
        begun.reject(error);
      }
      await delay(againMs, undefined, { signal }).catch(() => {});
    }
  })();
  return begun.promise;
}

/** Keeps streams waiting in one session. Resolves with the reason for which that ended. */
function lendIn(
  session: Session,
  socket: string,
  user: string,
  signal: AbortSignal,
  onListening: () => void,
): Promise<string> {
  const ended = Promise.withResolvers<string>();
  const streams = new Set<Stream>();
  const agents = new Set<Socket>();
  let over = false;
  const finish = (reason: string): void => {
    over = true;
    for (const stream of streams) stream.reset('gone');
    streams.clear();
    for (const agent of agents) agent.destroy();
    ended.resolve(reason);
  };
  const onAbort = (): void => finish('gone');
  signal.addEventListener('abort', onAbort, { once: true });

  function wait(): void {
    let state: 'opened' | 'waits' | 'taken' = 'opened';
    let early: Buffer[] = [];
    /** Who has the stream once a program has connected. */
    let target: StreamUser | undefined;
    let hasEnded = false;
    const stream = session.open(
      { to: 'agent', user },
      {
        data(bytes) {
          let rest = bytes;
          let told = 0;
          for (; state !== 'taken' && rest.length > 0; told++) {
            const [word] = rest;
            rest = rest.subarray(1);
            if (state === 'opened' && word === listening) {
              state = 'waits';
              onListening();
            } else if (state === 'waits' && word === connected) {
              state = 'taken';
              take();
            } else {
              stream?.reset('bad_request');
              finish('bad_request');
              return;
            }
          }
          // In the next turn: the guest's bytes are the session's until then.
          if (told > 0) queueMicrotask(() => stream?.taken(told));
          if (rest.length === 0) return;
          if (target === undefined) early.push(Buffer.from(rest));
          else target.data(rest);
        },
        end() {
          hasEnded = true;
          target?.end();
        },
        reset(code) {
          if (stream !== undefined) streams.delete(stream);
          target?.reset(code);
          if (state !== 'taken' && !over) finish(code);
        },
        writable: () => target?.writable(),
      },
    );
    if (stream === undefined) {
      finish('busy');
      return;
    }
    streams.add(stream);

    function take(): void {
      if (!over) wait();
      const agent = connect({ path: socket, allowHalfOpen: true });
      agents.add(agent);
      const refuse = (): void => stream?.reset('refused');
      agent.once('error', refuse);
      agent.once('connect', () => {
        agent.off('error', refuse);
        agent.pause();
        joinSocket(agent, (joined) => {
          target = joined;
          // Once the caller knows the stream.
          queueMicrotask(() => {
            for (const bytes of early) joined.data(bytes);
            early = [];
            if (hasEnded) joined.end();
          });
          return stream;
        });
      });
      agent.once('close', () => {
        agents.delete(agent);
        if (stream !== undefined) streams.delete(stream);
      });
    }
  }

  for (let i = 0; i < waiting && !over; i++) wait();
  return ended.promise.finally(() => signal.removeEventListener('abort', onAbort));
}
