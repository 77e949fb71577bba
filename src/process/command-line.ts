import { readdirSync, readFileSync, statSync } from 'node:fs';

/** The arguments of a process; empty where it has ended. A path with spaces is several of them outside Linux. */
export async function commandLine(pid: number): Promise<string[]> {
  if (process.platform !== 'linux') return (await ps('-p', String(pid)))[0]?.argv ?? [];
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** The pids of all of this user's processes: what others give as arguments proves nothing. */
export async function ownProcesses(): Promise<number[]> {
  const uid = process.geteuid?.();
  if (process.platform !== 'linux') return (await ps('-U', String(uid))).map(({ pid }) => pid);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && ownerOf(`/proc/${name}`) === uid)
    .map(Number);
}

function ownerOf(path: string): number | undefined {
  try {
    return statSync(path).uid;
  } catch {
    return undefined; // It has ended meanwhile.
  }
}

async function ps(...which: string[]): Promise<{ pid: number; argv: string[] }[]> {
  const { run } = await import('./run.ts');
  const result = await run(['ps', '-ww', '-o', 'pid=,args=', ...which], { maxOutputBytes: 1 << 22 });
  return result.stdout
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [pid, ...argv] = line.trim().split(/\s+/);
      return { pid: Number(pid), argv };
    });
}
