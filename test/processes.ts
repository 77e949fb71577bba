import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Process ids of the QEMUs whose command line names the folder. */
export function qemusIn(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const words = commandLine(pid);
      return words[0]?.includes('qemu-system') === true && words.join(' ').includes(folder);
    });
}

/** Ends a process with KILL; one that is gone is as good. */
export function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The processes that this one started and that still run. */
export function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

export function isRunning(pid: number): boolean {
  return commandLine(pid).join('') !== '';
}

function commandLine(pid: number): string[] {
  try {
    return readFileSync(join('/proc', String(pid), 'cmdline'), 'utf8').split('\0');
  } catch {
    return []; // It has ended meanwhile.
  }
}
