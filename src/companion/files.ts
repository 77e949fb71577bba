import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** What a companion has in its VM's runtime folder, which goes with each boot. */
export interface CompanionFiles {
  /** Held as long as it lives. */
  lock: string;
  /** Its control socket. Short: a socket's path is limited to about 100 bytes. */
  socket: string;
  /** Each connection to it becomes one to the guest's SSH server. */
  ssh: string;
  /** What it does, for the one that follows it where it is killed; there as long as there is something to do. */
  work: string;
}

export function companionFiles(runtimeDir: string): CompanionFiles {
  return {
    lock: join(runtimeDir, 'comp.lock'),
    socket: join(runtimeDir, 'comp.sock'),
    ssh: join(runtimeDir, 'ssh.sock'),
    work: join(runtimeDir, 'comp.json'),
  };
}

/** Whether the VM has work for a companion. Costs a short command one look. */
export const hasWork = (runtimeDir: string): boolean => existsSync(companionFiles(runtimeDir).work);
