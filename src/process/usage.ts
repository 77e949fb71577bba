import { readFileSync } from 'node:fs';

/** What a process of this host has used; null where the system does not tell. */
export interface ProcessUsage {
  /** Of all its threads, since its start. */
  cpuMs: number | null;
  /** What it has in memory, with its part of what it shares. */
  pssBytes: number | null;
}

/** Milliseconds of a tick of proc_pid_stat(5): USER_HZ is 100 on every architecture of Linux. */
const tickMs = 10;

export function usageOf(pid: number): ProcessUsage {
  const fields = read(pid, 'stat')
    ?.replace(/^.*\) /s, '')
    .split(' ');
  const ticks = Number(fields?.[11]) + Number(fields?.[12]);
  const pss = /^Pss:\s+(\d+) kB/m.exec(read(pid, 'smaps_rollup') ?? '')?.[1];
  return {
    cpuMs: Number.isFinite(ticks) ? ticks * tickMs : null,
    pssBytes: pss === undefined ? null : Number(pss) * 1024,
  };
}

function read(pid: number, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return undefined; // It has ended, or the system has no /proc.
  }
}
