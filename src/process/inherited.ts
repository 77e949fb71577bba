import { readdirSync, readFileSync } from 'node:fs';

/** O_CLOEXEC, as the kernel writes `flags` in /proc/<pid>/fdinfo (proc_pid_fdinfo(5)): octal. */
const closeOnExec = 0o2000000;

/**
 * The descriptors above 2 that every program started from here would get, in order: those that mvmctl's caller left
 * them open, as a shell does after `exec 20>lock`. Node closes only the lowest of them. Empty where the system has no
 * /proc: there Node passes on none.
 */
export function inheritedDescriptors(): number[] {
  let names: string[];
  try {
    names = readdirSync('/proc/self/fd');
  } catch {
    return [];
  }
  return names
    .map(Number)
    .filter((fd) => fd > 2 && isHandedOn(fd))
    .sort((a, b) => a - b);
}

function isHandedOn(fd: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & closeOnExec) === 0;
  } catch {
    return false; // The one that the folder was read through.
  }
}
