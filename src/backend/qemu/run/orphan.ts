import { readFile } from 'node:fs/promises';
import { commandLine, ownProcesses } from '../../../process/command-line.ts';
import { identify, type ProcessIdentity } from '../../../process/identity.ts';
import { pidFile } from '../plan/plan.ts';
import { vmUuid } from '../plan/uuid.ts';

interface Wanted {
  id: string | undefined;
  vmDir: string;
  everywhere?: boolean;
}

/**
 * Finds the VM's QEMU when its identity is recorded nowhere: through its pid file, or among all of this user's
 * processes. A pid file may be old and its pid another process's by now, so the command line must carry the VM's uuid;
 * where that is lost with the VM's record, the pid file's path.
 */
export async function findOrphan(vm: Wanted): Promise<ProcessIdentity | undefined> {
  const text = await readFile(pidFile(vm.vmDir), 'utf8').catch(() => '');
  const recorded = await ofVm(Number.parseInt(text, 10), vm);
  if (recorded !== undefined || vm.everywhere !== true) return recorded;
  for (const pid of await ownProcesses()) {
    const found = await ofVm(pid, vm);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function ofVm(pid: number, { id, vmDir }: Wanted): Promise<ProcessIdentity | undefined> {
  if (!(pid > 0)) return undefined;
  const argv = await commandLine(pid);
  const marks = id === undefined ? ['-pidfile', pidFile(vmDir)] : ['-uuid', vmUuid(id)];
  const at = argv.indexOf(marks[0] ?? '');
  return at > 0 && argv[at + 1] === marks[1] ? identify(pid) : undefined;
}
