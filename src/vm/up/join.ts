import { vcpusInWords } from '../../config/amount.ts';
import type { Settings } from '../../config/settings.ts';
import { MvmError } from '../../errors/mvm-error.ts';
import { phase } from '../../events/events.ts';
import { awaitReady } from '../boot/boot.ts';
import { startCommand } from '../state/kind.ts';
import { isRunning, type RunningVm, type Vm } from '../state/vm.ts';
import { differences } from './next-record.ts';
import type { UpOptions } from './request.ts';

/**
 * What `up` finds: a VM that runs already, or is starting since the mvmctl that started it was killed.
 * @throws MvmError VM_RUNNING for what can't change while it runs, VM_BROKEN, and what `awaitReady` throws
 */
export async function joinVm(vm: Vm, settings: Settings, options: UpOptions): Promise<RunningVm> {
  const { record, boot, vmm } = vm;
  if (record === undefined || boot === undefined || vmm === undefined) {
    throw new MvmError('VM_BROKEN', `VM '${vm.name}' is running, but the record of its boot is missing.`, {
      hint: `mvmctl stop --force ${vm.name}`,
    });
  }
  refuseChanges(vm.name, boot, options);
  const differs = differences(boot, settings, record.sources);
  if (differs.length > 0) {
    options.emit({
      type: 'note',
      level: 'warn',
      text: `'${vm.name}' is still running with the old settings: ${differs.join('; ')}. To apply the change: ${startCommand(record)} --restart`,
    });
  }
  if (isRunning(vm)) return vm;
  return phase(options.emit, 'boot', `Waiting for ${vm.name}`, (progress) =>
    awaitReady({ ...vm, record, boot, vmm }, undefined, progress, options),
  );
}

function refuseChanges(
  name: string,
  running: { vcpus: number; memoryMib: number; arch: string },
  options: UpOptions,
): void {
  const changes: string[] = [];
  if (options.vcpus !== undefined && options.vcpus !== running.vcpus)
    changes.push(`it has ${vcpusInWords(running.vcpus)}`);
  if (options.memoryMib !== undefined && options.memoryMib !== running.memoryMib) {
    changes.push(`it has ${running.memoryMib} MiB of memory`);
  }
  if (options.arch !== undefined && options.arch !== running.arch) changes.push(`it is ${running.arch}`);
  if (options.reset === true) changes.push('its disk is in use');
  if (changes.length === 0) return;
  throw new MvmError(
    'VM_RUNNING',
    `VM '${name}' is running and can't be changed now: ${changes.join(', ')}.`,
    {
      hint: 'run the same command with --restart   (stops what is running in the VM)',
    },
  );
}
