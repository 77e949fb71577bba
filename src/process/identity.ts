import { readFileSync } from 'node:fs';

/**
 * A process, distinguished from any other that had or will have its pid. `startTime` is opaque: on Linux the
 * boot id and the start in clock ticks since boot, elsewhere what `ps` prints.
 */
export interface ProcessIdentity {
  pid: number;
  startTime: string;
}

/**
 * What the text of `/proc/<pid>/stat` says (proc_pid_stat(5): fields 3, 20 and 22). The second field, the
 * program's name in parentheses, may hold spaces and parentheses itself, so fields are counted from the last
 * one. Undefined where the text has another shape.
 */
export function parseStat(text: string): { ended: boolean; startTicks: string } | undefined {
  const fields = text
    .slice(text.lastIndexOf(')') + 1)
    .trim()
    .split(' ');
  const [state = '', threads = '', startTicks = ''] = [fields[0], fields[17], fields[19]];
  if (!/^\d+$/.test(startTicks)) return undefined;
  // Z: ended, waits for its parent. X: being removed. While other threads of a killed process are on their
  // way out, its first one is Z already, but sockets and file locks are still held.
  return { ended: state === 'X' || state === 'x' || (state === 'Z' && Number(threads) <= 1), startTicks };
}

let boot: string | undefined;

/** Names this boot of the host's kernel; an empty string where the system has no such name. */
export function bootId(): string {
  boot ??= readProc('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
  return boot;
}

/** Files of /proc never block, so the thread pool would only be a detour. */
function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

async function identifyByPs(pid: number): Promise<ProcessIdentity | undefined> {
  // On macOS this needs native code or `ps`; `ps` is used, and loaded only there.
  const { run } = await import('./run.ts');
  const result = await run(['ps', '-o', 'stat=,lstart=', '-p', String(pid)], {
    maxOutputBytes: 4096,
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
  });
  const match = /^\s*(\S+)\s+(\S.*\S)\s*$/.exec(result.stdout);
  if (result.status !== 0 || match === null || match[1]?.startsWith('Z')) return undefined;
  return { pid, startTime: match[2] ?? '' };
}

/** The identity of a living process; undefined where none has that pid or it is a zombie. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  if (process.platform !== 'linux') return identifyByPs(pid);
  const text = readProc(`/proc/${pid}/stat`);
  const stat = text === undefined ? undefined : parseStat(text);
  if (stat === undefined || stat.ended) return undefined;
  return { pid, startTime: `${bootId()}:${stat.startTicks}` };
}

/** Whether a signal has stopped it (job control, a debugger); Linux only, false elsewhere. */
export function isStopped({ pid }: ProcessIdentity): boolean {
  const text = process.platform === 'linux' ? readProc(`/proc/${pid}/stat`) : undefined;
  return text !== undefined && /^ [Tt]/.test(text.slice(text.lastIndexOf(')') + 1));
}

/** Whether exactly this process still runs. */
export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  const now = await identify(identity.pid);
  return now !== undefined && now.startTime === identity.startTime;
}
