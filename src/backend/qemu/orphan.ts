import { readFile } from 'node:fs/promises';
import { identify, type ProcessIdentity } from '../../process/identity.ts';
import { pidFile } from './plan.ts';
import { vmUuid } from './uuid.ts';

async function commandLine(pid: number): Promise<string[]> {
  if (process.platform === 'linux') {
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return text.split('\0');
  }
  const { run } = await import('../../process/run.ts');
  const result = await run(['ps', '-ww', '-o', 'args=', '-p', String(pid)], { maxOutputBytes: 65_536 });
  return result.stdout.split(/\s+/);
}

/**
 * Finds the VM's QEMU through its pid file when mvmctl was killed before it recorded the identity. A pid file
 * may be old and its pid another process's by now, so the command line must carry the VM's uuid.
 */
export async function findOrphan(vm: { id: string; vmDir: string }): Promise<ProcessIdentity | undefined> {
  const text = await readFile(pidFile(vm.vmDir), 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  const identity = await identify(pid);
  if (identity === undefined) return undefined;
  return (await commandLine(pid)).includes(vmUuid(vm.id)) ? identity : undefined;
}
