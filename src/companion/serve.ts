import { rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import * as v from 'valibot';
import { MvmError } from '../errors/mvm-error.ts';
import type { GuestAccess } from '../guest/channel/connect.ts';
import { type Forward, forwardSchema, isNamed, isSamePlace, type LiveForward } from '../ports/forward.ts';
import { createForwarder } from '../ports/forwarder.ts';
import { tryLock } from '../state/lock.ts';
import { checkFolder } from '../state/own-folders.ts';
import type { Session } from '../streams/session.ts';
import { serveControl } from './control.ts';
import { companionFiles } from './files.ts';
import { followListeners } from './follow-listeners.ts';
import { followPorts } from './follow-ports.ts';
import { keepLink } from './keep-link.ts';
import { changeKept, readKept } from './kept.ts';
import { createLender } from './lender.ts';
import type { Answer, News, Request } from './messages.ts';
import { newsText } from './news-text.ts';
import { createSharer } from './serve-shares.ts';
import { createSshDoor } from './serve-ssh.ts';
import { readWork, writeWork } from './work.ts';

/** A companion that nobody gives work ends after so long, in milliseconds, unless told otherwise. */
const longestIdleMs = 10_000;

/** The VM that a companion serves. */
export interface Served {
  runtimeDir: string;
  /** The file of the VM's own forwards; this process alone writes it. */
  kept: string;
  /** The folder of what the guest changed of folders that it may not write to. */
  overlays: string;
  guest: GuestAccess;
  /** Whether its VMM lives. */
  isAlive: () => Promise<boolean>;
  idleMs?: number;
}

/**
 * A VM's companion: keeps what has to live as long as the VM, and ends with it, with its work, or when it is asked to
 * (TERM). One at a time: a second one ends at once.
 * @param tell a line for the log
 */
export async function serveCompanion(
  { runtimeDir, kept, overlays, guest, isAlive, idleMs = longestIdleMs }: Served,
  tell: (text: string) => void,
): Promise<void> {
  checkFolder(runtimeDir, 'self');
  const files = companionFiles(runtimeDir);
  const lock = await tryLock(files.lock);
  if (lock === undefined) return;
  const over = new AbortController();
  const finish = (why: string): void => {
    if (over.signal.aborted) return;
    tell(`ends: ${why}`);
    over.abort();
  };
  process.once('SIGTERM', () => finish('asked to'));
  const link = keepLink(guest, isAlive, over.signal, tell);
  void link.gone.then(() => finish('the VM has ended'));
  const forwarder = createForwarder(link.session, tell);
  const ssh = createSshDoor(files.ssh, guest, link.session, tell);
  const lender = createLender(link.session, over.signal, tell);
  const sharer = createSharer({ runtimeDir, overlays }, link.session, over.signal, tell, (refused) =>
    announce({ refused }),
  );
  let follow = false;
  /** What is listened on in the guest, once it has said so. */
  let listened: readonly number[] | undefined;
  const save = (): Promise<void> =>
    writeWork(runtimeDir, {
      forwards: forwarder.list(),
      shares: [...sharer.work],
      follow,
      ...(ssh.work && { ssh: ssh.work }),
      ...(lender.work && { agent: lender.work }),
    });
  let idle: NodeJS.Timeout | undefined;
  /** Requests that are not answered yet: a guest on a busy host takes longer than nobody's patience. */
  let asked = 0;
  const endIfIdle = (): void => {
    clearTimeout(idle);
    const mayCome = follow && listened?.length !== 0;
    const isIdle =
      asked === 0 &&
      forwarder.list().length === 0 &&
      !mayCome &&
      ssh.work === undefined &&
      lender.isIdle &&
      sharer.work.length === 0;
    if (isIdle) idle = setTimeout(() => finish('nothing to do'), idleMs);
  };
  const changed = async (): Promise<void> => {
    endIfIdle();
    await save();
  };
  const readers = new Set<Socket>();
  const announce = (news: News): void => {
    tell(newsText(news));
    for (const reader of readers) reader.write(`${JSON.stringify({ news })}\n`);
  };

  function tellNews(command: Socket): void {
    if (command.destroyed) return;
    readers.add(command);
    command.once('close', () => readers.delete(command));
  }

  /** Resolves when what was listened on at first is forwarded. */
  const first = Promise.withResolvers<void>();
  /** One after the other, as they come. */
  let following: Promise<void> = Promise.resolve();
  function followNow(): Promise<void> {
    following = following
      .then(() => listened && followPorts(forwarder, listened, announce, tell))
      .then(changed)
      .catch((error: unknown) => tell(textOf(error)));
    return following;
  }
  function startFollowing(): Promise<void> {
    if (follow) return first.promise;
    follow = true;
    const onPorts = (ports: number[]): void => {
      listened = ports;
      void followNow().then(first.resolve);
    };
    // It ends where the agent does not tell.
    void followListeners(link.session, onPorts, over.signal).then(() => {
      listened = [];
      first.resolve();
      endIfIdle();
    });
    return first.promise;
  }

  /** A forward that came or went may have taken the place of one that nobody asked for. */
  const settled = (): Promise<void> => (follow ? followNow() : changed());

  const end = (gone: readonly LiveForward[]): void => {
    forwarder.remove(gone);
    // What listened for us is not to be taken for a program of the guest, until that says what listens now.
    const ours = gone.filter(({ reverse }) => reverse).map(({ guestPort }) => guestPort);
    listened = listened?.filter((port) => !ours.includes(port));
  };

  /** What the commands that are connected hold. */
  const holding = new Set<readonly LiveForward[]>();

  async function handle(request: Request, command: Socket): Promise<Answer> {
    switch (request.ask) {
      case 'list':
        return { forwards: forwarder.list(), streams: link.streams() };
      case 'follow':
        await link.reached;
        if (request.news === true) tellNews(command);
        await startFollowing();
        await changed();
        return { forwards: forwarder.list() };
      case 'news':
        tellNews(command);
        return { forwards: forwarder.list() };
      case 'try':
        return { accepts: await tryPort(await link.session(), request.guestPort) };
      case 'ssh': {
        const { ask: _, ...work } = request;
        await link.reached;
        await ssh.open(work);
        await changed();
        return { forwards: [] };
      }
      case 'shares':
        await link.reached;
        await sharer.show(request.shares).finally(changed);
        return { forwards: [] };
      case 'overlay': {
        const { ask: _, guest: shown, paths, ...rest } = request;
        return { forwards: [], changes: sharer.change(shown, { ...rest, paths }) };
      }
      case 'agent':
        await link.reached;
        await lender.lend(request, request.hold ? command : undefined, () => void changed());
        await changed();
        return { forwards: [] };
      case 'remove': {
        const isMeant = (one: Forward): boolean => request.places.some((place) => isNamed(one, place));
        const gone = forwarder.list().filter(isMeant);
        const notMade = (await readKept(kept)).filter(
          (one) => isMeant(one) && !gone.some((other) => isSamePlace(one, other)),
        );
        end(gone);
        await changeKept(kept, [], [...gone, ...notMade]);
        await settled();
        return { forwards: [...gone, ...notMade.map((one) => ({ ...one, held: false }))] };
      }
      case 'forward': {
        const wanted = v.parse(v.array(forwardSchema), request.forwards);
        await link.reached;
        const made = await forwarder.add(wanted, request.hold).finally(settled);
        if (request.hold) {
          holding.add(made);
          const release = (): void => {
            holding.delete(made);
            // Another command may hold the same.
            const isHeld = (one: Forward) => [...holding].flat().some((other) => isSamePlace(one, other));
            end(made.filter((one) => one.held && !isHeld(one)));
            void settled();
          };
          if (command.destroyed) release();
          else command.once('close', release);
        }
        if (!request.hold) await changeKept(kept, made, []);
        await changed();
        return { forwards: made };
      }
    }
  }

  // What the one before did, but for what went with the commands that asked for it.
  const before = await readWork(runtimeDir);
  for (const forward of before.forwards) {
    if (forward.held) continue;
    await forwarder.add([forward], false).catch((error: unknown) => tell(textOf(error)));
  }
  if (before.shares.length > 0)
    void sharer.show(before.shares).catch((error: unknown) => tell(textOf(error)));
  if (before.follow) void startFollowing();
  if (before.agent !== undefined)
    await lender.lend(before.agent).catch((error: unknown) => tell(textOf(error)));
  if (before.ssh !== undefined) await ssh.open(before.ssh).catch((error: unknown) => tell(textOf(error)));
  await changed();
  await serveControl(files.socket, async (request, command) => {
    asked++;
    endIfIdle();
    try {
      return await handle(request, command);
    } finally {
      asked--;
      endIfIdle();
    }
  });
  tell('started');
  await new Promise<void>((resolve) => {
    if (over.signal.aborted) resolve();
    over.signal.addEventListener('abort', () => resolve());
  });
  forwarder.remove(forwarder.list());
  ssh.close();
  sharer.close();
  // Sockets that are reset are so in the next turn.
  await delay(0);
  // The lock goes with the process: whoever waits for its end sees it until then.
  for (const path of [files.socket, files.work]) rmSync(path, { force: true });
}

/** Whether something in the guest accepts connections on a port. */
function tryPort(session: Session, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const stream = session.open(
      { to: 'tcp', port, try: true },
      {
        data() {},
        end() {
          stream?.reset('gone');
          resolve(true);
        },
        reset: () => resolve(false),
        writable() {},
      },
    );
    if (stream === undefined) resolve(false);
  });
}

export const textOf = (error: unknown): string => (error instanceof MvmError ? error.message : String(error));
