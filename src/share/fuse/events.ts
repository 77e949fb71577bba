import { constants } from 'node:fs';
import type { Attributes } from '../tree/tree.ts';
import { notices, replyHeader } from './layout.ts';
import { writeNotice, writeNumber } from './message.ts';
import type { Node, Nodes } from './nodes.ts';

const kinds = { modify: 1, create: 2, delete: 3, attributes: 4 } as const;
export type EventKind = keyof typeof kinds;

/** Something that happened to a name on the host, and that programs which watch it in the guest are to hear of. */
export interface HostEvent {
  readonly number: number;
  readonly kind: EventKind;
  readonly folder: Node;
  readonly name: string;
  /** What it is, or was. */
  readonly attributes: Attributes;
}

/** What the guest's kernel is told unasked. */
export interface Teller {
  notice(bytes: Buffer): void;
}

/** So many events the agent makes at a time. */
const atOnce = 32;
/** Beyond so many that wait, watchers hear nothing of the oldest: a checkout of a huge tree. */
const mostWaiting = 20_000;

/**
 * A kernel tells its watchers (inotify) only of what is done through it. So the guest's agent does once more, by the calls that are
 * told, what happened on the host: it creates the file that is there, removes the one that is gone, and sets the size that a file has.
 * All this comes from one thread of it; what that asks is answered as if it was done, and does nothing.
 */
export class Events {
  /** The thread of the agent. */
  thread = 0;
  readonly #teller: Teller;
  readonly #nodes: Nodes;
  readonly #waiting = new Map<string, HostEvent[]>();
  readonly #making = new Map<number, HostEvent>();
  #next = 1;

  constructor(teller: Teller, nodes: Nodes) {
    this.#teller = teller;
    this.#nodes = nodes;
  }

  add(kind: EventKind, folder: Node, name: string, attributes: Attributes): void {
    const key = keyOf(folder, name);
    const event = { number: this.#next++, kind, folder, name, attributes };
    const before = this.#waiting.get(key) ?? [];
    // Of a file that goes on changing one event is enough, and one that comes and goes ends as it began.
    const last = before.at(-1);
    if (last?.kind === kind || (kind === 'modify' && last?.kind === 'create')) return;
    this.#waiting.delete(key);
    this.#waiting.set(key, [...before, event].slice(-2));
    if (this.#waiting.size > mostWaiting) {
      const [oldest] = this.#waiting.keys();
      if (oldest !== undefined) this.#waiting.delete(oldest);
    }
    this.#send();
  }

  /** The agent has made it. */
  made(number: number): void {
    this.#making.delete(number);
    this.#send();
  }

  /** What the agent is about to make of this name. */
  of(folder: Node, name: string): HostEvent | undefined {
    for (const event of this.#making.values())
      if (event.folder === folder && event.name === name) return event;
    return undefined;
  }

  /** Another agent, or one that lost what it was told. */
  begin(thread: number): void {
    this.thread = thread;
    this.#making.clear();
    this.#waiting.clear();
  }

  #send(): void {
    for (const [key, events] of this.#waiting) {
      if (this.#making.size >= atOnce || this.thread === 0) return;
      const event = events.shift();
      if (events.length === 0) this.#waiting.delete(key);
      if (event === undefined) continue;
      const bytes = encode(event, this.#nodes.path(event.folder));
      if (bytes === undefined) continue;
      this.#making.set(event.number, event);
      this.#teller.notice(bytes);
    }
  }
}

const keyOf = (folder: Node, name: string): string => `${folder.id}/${name}`;

/** Undefined of a folder that is gone, and of what programs do not watch. */
function encode(event: HostEvent, folder: readonly string[] | undefined): Buffer | undefined {
  if (folder === undefined) return undefined;
  const type = event.attributes.mode & constants.S_IFMT;
  const isLink = type === constants.S_IFLNK;
  if (type !== constants.S_IFREG && type !== constants.S_IFDIR && !(isLink && event.kind !== 'modify'))
    return undefined;
  const path = Buffer.from([...folder, event.name].join('/'), 'latin1');
  const bytes = Buffer.alloc(replyHeader + 24 + path.length + 1);
  writeNotice(bytes, notices.event);
  writeNumber(bytes, event.number, replyHeader);
  bytes.writeUInt32LE(kinds[event.kind], replyHeader + 8);
  bytes.writeUInt32LE(event.attributes.mode, replyHeader + 12);
  writeNumber(bytes, event.attributes.size, replyHeader + 16);
  path.copy(bytes, replyHeader + 24);
  return bytes;
}
