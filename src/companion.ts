/** A VM's companion, a program of its own beside mvmctl so that it loads little: `companion.cjs VM-FOLDER`. */
import { basename } from 'node:path';
import { companionLog } from './companion/log.ts';
import { serveCompanion, textOf } from './companion/serve.ts';
import { isAlive } from './process/identity.ts';
import { vmFiles } from './state/paths.ts';
import { guestAccess } from './vm/condition/guest.ts';
import { bootRecords, vmmRecords } from './vm/state/record.ts';

async function main(dir: string): Promise<void> {
  const paths = vmFiles(dir);
  const tell = companionLog(paths.companionLog);
  try {
    const [boot, vmm] = [await bootRecords.read(paths.boot), await vmmRecords.read(paths.vmm)];
    if (boot === undefined || vmm === undefined) throw new Error(`no VM runs in ${dir}`);
    const guest = guestAccess({ name: basename(dir), boot, vmm, paths });
    const { forwards: kept, overlays } = paths;
    const served = { runtimeDir: boot.runtimeDir, kept, overlays, guest, isAlive: () => isAlive(vmm) };
    await serveCompanion(served, tell);
    process.exit(0);
  } catch (error) {
    tell(textOf(error));
    process.exit(1);
  }
}

// The terminal of whoever started it is none of its business.
process.on('SIGINT', () => {});
process.on('SIGHUP', () => {});
void main(process.argv[2] ?? '');
