import { MvmError } from '../errors/mvm-error.ts';
import { encodeFrame, encodeObject, frameTypes, maxPayload } from './frame.ts';

/** The protocol generation that this host speaks. */
export const generation = 1;

/** The payload of OPEN, by operation; see protocol/PROTOCOL.md, "Operations". */
export interface OpenMessages {
  boot: { op: 'boot' };
  exec: {
    op: 'exec';
    argv: readonly string[];
    env?: Readonly<Record<string, string>>;
    cwd?: string;
    user?: string;
    tty: boolean;
    stdin: boolean;
    rows?: number;
    cols?: number;
    listeners?: boolean;
  };
  console: {
    op: 'console';
    rows: number;
    cols: number;
    env?: Readonly<Record<string, string>>;
    /** NOTICEs are wanted. */
    listeners?: boolean;
  };
  info: { op: 'info' };
  shutdown: { op: 'shutdown'; timeoutMs: number };
  services: { op: 'services'; follow: boolean };
  logs: {
    op: 'logs';
    /** Absent: all services and the entrypoint. */
    service?: string;
    follow: boolean;
    sinceUnixMs?: number;
    /** So many of the last lines. */
    tail?: number;
    /** `tail` is of each log, not of all together. */
    each?: boolean;
  };
  entrypoint: { op: 'entrypoint' };
  service: { op: 'service'; name: string; action: ServiceAction };
  streams: { op: 'streams' };
  copy:
    | { op: 'copy'; direction: 'read'; path: string; recursive: boolean }
    /** An empty name: what is written is called `path`, and not so in the folder at `path`. */
    | { op: 'copy'; direction: 'write'; path: string; name: string };
  ssh: {
    op: 'ssh';
    /** The server's SHA-256, in hex. */
    digest: string;
    /** In base64. */
    hostKey: string;
    userKey: string;
    env: Readonly<Record<string, string>>;
  };
}

export type ServiceAction = 'start' | 'stop' | 'restart';
export type Op = keyof OpenMessages;
export type OpenMessage = OpenMessages[Op];

/** Names, without `SIG`, that the host sends in SIGNAL frames. */
export const signalNames = ['INT', 'TERM', 'HUP', 'QUIT', 'USR1', 'USR2', 'ALRM'] as const;
export type SignalName = (typeof signalNames)[number];

/** @param unixMs the host's time as it leaves, for the guest's clock */
export function encodeHello(unixMs: number): Buffer {
  return encodeObject(frameTypes.hello, { generation, unixMs });
}

/** Throws USAGE when it is too long for a frame. */
export function encodeOpen(open: OpenMessage): Buffer {
  const frame = encodeObject(frameTypes.open, open);
  if (frame.length - 8 > maxPayload)
    throw new MvmError(
      'USAGE',
      `The command and its environment have ${frame.length} bytes, but only ${maxPayload} can be sent.`,
      { hint: 'mvmctl exec -i   (and pass long input on standard input)' },
    );
  return frame;
}

export function encodeSignal(signal: SignalName): Buffer {
  return encodeObject(frameTypes.signal, { signal });
}

export function encodeEnd(): Buffer {
  return encodeFrame({ type: frameTypes.eof, stream: 0, payload: Buffer.alloc(0) });
}

export function encodePing(): Buffer {
  return encodeFrame({ type: frameTypes.ping, stream: 0, payload: Buffer.alloc(0) });
}

export function encodeClose(): Buffer {
  return encodeFrame({ type: frameTypes.close, stream: 0, payload: Buffer.alloc(0) });
}
