import type { Emit } from '../../events/events.ts';
import { bootRecords, vmRecords } from './record.ts';
import type { Vm } from './vm.ts';

/** Writes what was read from a copy in its place again, and says so. The caller holds the VM's lock. Throws STATE_WRITE. */
export async function restoreRecords({ restored, record, boot, paths }: Vm, emit: Emit): Promise<void> {
  if (restored.length === 0) return;
  for (const { message } of restored) {
    emit({ type: 'note', level: 'warn', text: `${message} It has been restored from its copy.` });
  }
  if (record !== undefined) await vmRecords.write(paths.record, record);
  if (boot !== undefined) await bootRecords.write(paths.boot, boot);
}
