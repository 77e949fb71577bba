import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** A socket that nobody is connected to, as /proc/net/tcp (TCP_LISTEN) and /proc/net/udp (TCP_CLOSE) write it. */
const unconnected = { tcp: '0A', udp: '07' } as const;
type Protocol = keyof typeof unconnected;

/** A process, and its program. */
export interface Holder {
  pid: number;
  program: string;
  /** The VM, where the process is a VM's companion: what has the port is a forward. */
  vm?: string;
}

/**
 * The process that has a port of this host; undefined where it can't be seen: it is another user's, or the system
 * has no /proc.
 */
export function holderOf(port: number, protocol: Protocol = 'tcp'): Holder | undefined {
  const sockets = new Set(['', '6'].flatMap((family) => holdersOf(port, protocol, family)));
  if (sockets.size === 0) return undefined;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (!openFilesOf(pid).some((target) => sockets.has(target))) continue;
    return { pid: Number(pid), ...programOf(pid) };
  }
  return undefined;
}

/** The sockets, as links in /proc/<pid>/fd name them. Fields of a line: proc_net(5). */
function holdersOf(port: number, protocol: Protocol, family: string): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return read(`/proc/net/${protocol}${family}`)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '', , state]) => state === unconnected[protocol] && local.endsWith(`:${wanted}`))
    .map((fields) => `socket:[${fields[9]}]`);
}

function openFilesOf(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`));
  } catch {
    return []; // It has ended, or is somebody else's.
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** Not its main thread's name (comm), which Node and others give it for themselves. */
function programOf(pid: string): Omit<Holder, 'pid'> {
  const words = read(`/proc/${pid}/cmdline`).split('\0');
  const script = words.findIndex((word) => basename(word) === 'companion.cjs');
  const folder = words[script + 1];
  // Some write what they do in place of their words: "nginx: master process".
  const [first = ''] = (words[0] ?? '').split(/:? /);
  const program = basename(first) || read(`/proc/${pid}/comm`).trim() || '?';
  return { program, ...(script > 0 && folder ? { vm: basename(folder) } : {}) };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
